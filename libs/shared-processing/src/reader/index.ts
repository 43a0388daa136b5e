export { type OpenedObject, openObject, openUnverified, type ReaderDependencies } from './open-object.ts';
export { ReadError, type ReadFailure, readFailureOf } from './read-error.ts';
export { readWhole, type WholeObject } from './read-whole.ts';
export type { VerifiedBy } from './verify-body.ts';
