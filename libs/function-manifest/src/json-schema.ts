import { toJsonSchema } from '@valibot/to-json-schema';
import { functionManifest } from './schema.ts';

/** The JSON schema of `function.json`, for editors. */
export function functionManifestJsonSchema(): object {
  return {
    title: 'A function of data-aggregator',
    ...toJsonSchema(functionManifest, { typeMode: 'input', ignoreActions: ['raw_check'] }),
  };
}
