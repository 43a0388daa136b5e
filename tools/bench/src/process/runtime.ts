import { join } from 'node:path';

/*
 * The embedded cloud's own parts, so that a function runs here as it does there. Its package exports the cloud as a
 * whole; these are taken from its sources.
 */
// eslint-disable-next-line @nx/enforce-module-boundaries -- not part of the embedded cloud's public interface
export { nodeFlags } from '../../../local-cloud/src/lambda/environment.ts';
// eslint-disable-next-line @nx/enforce-module-boundaries -- as above
export { startRuntimeApi } from '../../../local-cloud/src/lambda/runtime-api.ts';

/** What is loaded before the runtime client, in place of its native part. */
export const nativeClient = join(import.meta.dirname, '../../../local-cloud/src/lambda/native-client.cjs');
