export type { KeyState, ObjectRequest, ObjectStore, ReceivedObject, StoredObject } from './object-store.ts';
export { createObjectStore, createS3Client, type S3ConnectionOptions } from './sdk-object-store.ts';
export { createSignedObjectStore } from './signed-object-store.ts';
export { readText } from './read-text.ts';
