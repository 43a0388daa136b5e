import { checkWriteCondition, type WriteCondition } from './conditions.ts';
import { S3Error } from '../errors.ts';
import type { Bucket, ObjectVersion, Version } from '../model.ts';
import { type EventName, matchingRules, type ObjectEvent } from '../buckets/notifications.ts';
import type { BucketCall, Service } from '../operation.ts';
import type { S3Request } from '../http/request.ts';
import { NULL_VERSION, sequencer } from './sequence.ts';
import { addVersion, currentObject, type Deletion, deleteLatest, deleteVersion } from './versions.ts';

/** An object ready to be committed. */
export type Draft = Omit<
  ObjectVersion,
  'kind' | 'key' | 'versionId' | 'sequence' | 'lastModified' | 'restore' | 'replication'
>;

/** A write: what it changes, and who asked for it. */
export interface Write {
  service: Service;
  bucket: Bucket;
  key: string;
  request: Pick<S3Request, 'accessKeyId' | 'sourceIp' | 'ids'>;
}

/** Like `commitObject`, but discards the draft's bytes if the commit fails. */
export function commitOrDiscard(...commit: Parameters<typeof commitObject>): ObjectVersion {
  try {
    return commitObject(...commit);
  } catch (error) {
    const [{ service }, { blob }] = commit;
    service.blobs.discard(blob);
    throw error;
  }
}

/**
 * Makes an object visible, synchronously: of several conditional writers, exactly one succeeds.
 *
 * @throws S3Error PreconditionFailed, NoSuchKey, or NoSuchBucket if the bucket was deleted meanwhile
 */
export function commitObject(
  call: Write,
  draft: Draft,
  condition: WriteCondition,
  event: EventName,
): ObjectVersion {
  const { bucket, key, service } = call;
  checkStillThere(call);
  checkWriteCondition(condition, currentObject(bucket, key));
  const sequence = service.nextSequence();
  const { added, displaced } = addVersion<ObjectVersion>(bucket, {
    ...draft,
    kind: 'object',
    key,
    sequence,
    lastModified: wholeSecond(service.clock()),
    restore: undefined,
    replication: undefined,
  });
  discardBytes(call, displaced);
  const etag = added.etag.slice(1, -1);
  notify(call, { name: event, key, versionId: added.versionId, size: added.blob.size, etag, sequence });
  return added;
}

/** Deletes a version permanently; without a version id, does what DELETE does then. */
export function commitDeletion(call: BucketCall, key: string, versionId: string | undefined): Deletion {
  const { bucket, service } = call;
  checkStillThere(call);
  const sequence = service.nextSequence();
  const deletion =
    versionId === undefined
      ? deleteLatest(bucket, { key, sequence, lastModified: wholeSecond(service.clock()) })
      : deleteVersion(bucket, key, versionId);
  const gone = { key, size: undefined, etag: undefined, sequence };
  switch (deletion.kind) {
    case 'nothing':
      break;
    case 'removed':
      discardBytes(call, deletion.version);
      notify(call, { ...gone, name: 'ObjectRemoved:Delete', versionId: deletion.version.versionId });
      break;
    case 'marked':
      discardBytes(call, deletion.displaced);
      notify(call, {
        ...gone,
        name: 'ObjectRemoved:DeleteMarkerCreated',
        versionId: deletion.marker.versionId,
        etag: EMPTY_MD5,
      });
  }
  return deletion;
}

const EMPTY_MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

interface Change {
  name: EventName;
  key: string;
  versionId: string;
  size: number | undefined;
  etag: string | undefined;
  /** Undefined for changes that S3 does not order. */
  sequence: number | undefined;
  restored?: ObjectEvent['restored'];
}

/** Notifies a change of an object that a request made. */
export function notify({ request, service, bucket }: Omit<Write, 'key'>, change: Change): void {
  const { accessKeyId, sourceIp, ids } = request;
  tellOf(service, bucket, change, { accessKeyId, sourceIp, ...ids });
}

/** Emits an event of a bucket. */
export function tellOf(
  service: Service,
  bucket: Bucket,
  { sequence, versionId, ...change }: Change,
  cause: Pick<ObjectEvent, 'accessKeyId' | 'sourceIp' | 'requestId' | 'hostId'>,
): void {
  service.onEvent({
    ...change,
    ...cause,
    time: service.clock(),
    region: service.region,
    accountId: service.accountId,
    bucket: bucket.name,
    versionId: versionId === NULL_VERSION ? undefined : versionId,
    sequencer: sequence === undefined ? undefined : sequencer(sequence),
    rules: matchingRules(bucket.notifications, change),
    toEventBridge: bucket.toEventBridge,
  });
}

function discardBytes({ service }: Pick<Write, 'service'>, version: Version | undefined): void {
  if (version?.kind === 'object') service.blobs.discard(version.blob);
}

function checkStillThere({ service, bucket }: Pick<Write, 'service' | 'bucket'>): void {
  if (service.buckets.get(bucket.name) !== bucket) throw new S3Error('NoSuchBucket');
}

/** S3 stores times in whole seconds. */
export function wholeSecond(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}
