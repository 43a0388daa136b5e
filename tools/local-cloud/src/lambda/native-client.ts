import { join } from 'node:path';

/** What is loaded before the runtime client, in place of its native part. */
export const nativeClient = join(import.meta.dirname, 'native-client.cjs');
