import { toJsonSchema } from '@valibot/to-json-schema';
import { functionManifestSchema } from './schema.ts';

/** The JSON schema of `function.json`, for editors. */
export function functionManifestJsonSchema(): object {
  return {
    title: 'A function of data-aggregator',
    ...toJsonSchema(functionManifestSchema, { typeMode: 'input', ignoreActions: ['raw_check'] }),
  };
}
