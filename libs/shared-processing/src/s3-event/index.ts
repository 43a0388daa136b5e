export {
  formatS3Record,
  type NotifiedObject,
  type S3Event,
  type S3EventRecord,
  toS3Event,
} from './format-event.ts';
export { decodeKey, encodeKey } from './key-encoding.ts';
export { identityOf, type LandedObject, type ObjectVersion, versionTextOf } from './object-version.ts';
export { type Notification, type ParsedRecord, parseEvent, parseNotification } from './parse-notification.ts';
