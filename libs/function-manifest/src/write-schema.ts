import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionManifestJsonSchema } from './json-schema.ts';

// Run `node libs/function-manifest/src/write-schema.ts` to regenerate function.schema.json.
writeFileSync(
  join(import.meta.dirname, '../function.schema.json'),
  `${JSON.stringify(functionManifestJsonSchema(), null, 2)}\n`,
);
