/*
 * A local S3 for the embedded cloud. It implements only the operations in use and answers NotImplemented to everything
 * else.
 *
 *    const s3 = createS3({ dataDir, region, accountId, authorize, onEvent, faults, clock });
 *    s3.createBucket({ name, versioning: true, notifications: [{ id, events: ['s3:ObjectCreated:*'], target: queueArn }] });
 *    http.createServer((req, res) => s3.handle(req, res));      // path-style, or bucket.localhost
 *
 * - `authorize` is called for each IAM action of a request, with the access key id → 'allow' | 'deny'.
 * - `onEvent` receives each ObjectEvent with the bucket's matching notification rules; `s3EventMessage(event, rule.id)`
 * is the JSON that S3 would send.
 * - `faults.before(call)` decides the fault of a request; see Fault.
 * - `s3.replicate({ bucket, key, versionId, to })` creates a replica, as a bucket's replication rule would.
 * - `s3.putSparse({ bucket, key, size, stretches })` creates an object that may be larger than the disk.
 *
 * Objects live as long as the instance: `close` removes them. `startS3` adds a server, for tests.
 */
export type { AccessRequest, Authorize, S3Action } from './access.ts';
export type { BucketSettings } from './buckets/buckets.ts';
export type { ChunkSignatures, Sender } from './http/caller.ts';
export { S3Error } from './errors.ts';
export type { Fault, FaultCall, Faults } from './faults.ts';
export type { Handle } from './handler.ts';
export { type EventBridgeEntry, eventBridgeEntry } from './buckets/event-bridge.ts';
export {
  type EventName,
  type NotificationRule,
  type ObjectEvent,
  s3EventMessage,
  s3TestMessage,
} from './buckets/notifications.ts';
export { type StorageClass, storageClasses } from './model.ts';
export type { Replication } from './objects/replication.ts';
export type { SparseObject, StoredSparseObject } from './objects/sparse.ts';
export { createS3, type S3, type S3Options } from './s3.ts';
export { type RunningS3, startS3 } from './start.ts';
