import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionManifestJsonSchema } from './json-schema.ts';

// node libs/function-manifest/src/write-schema.ts: writes function.schema.json anew.
writeFileSync(
  join(import.meta.dirname, '../function.schema.json'),
  `${JSON.stringify(functionManifestJsonSchema(), null, 2)}\n`,
);
