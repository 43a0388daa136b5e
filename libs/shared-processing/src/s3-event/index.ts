export {
  type NotifiedObject,
  formatS3Record,
  type S3Event,
  type S3EventRecord,
  toS3Event,
} from './format.ts';
export { identityOf } from './identity.ts';
export { decodeKey, encodeKey } from './key-encoding.ts';
export { type Notification, parseNotification, parseS3Event, type RecordOutcome } from './parse.ts';
export type { LandedObject, ObjectVersion } from './types.ts';
