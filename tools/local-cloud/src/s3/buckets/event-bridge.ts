import type { EventName, ObjectEvent } from './notifications.ts';

/** What S3 sends to EventBridge for one event. */
export interface EventBridgeEntry {
  source: 'aws.s3';
  detailType: string;
  resources: string[];
  /** Milliseconds since 1970. */
  time: number;
  detail: object;
}

/** Detail type and further fields of the detail, by the name that the event has in notifications. */
const TYPES: Readonly<Record<EventName, [detailType: string, fields: object]>> = {
  'ObjectCreated:Put': ['Object Created', { reason: 'PutObject' }],
  'ObjectCreated:Copy': ['Object Created', { reason: 'CopyObject' }],
  'ObjectCreated:CompleteMultipartUpload': ['Object Created', { reason: 'CompleteMultipartUpload' }],
  'ObjectRemoved:Delete': [
    'Object Deleted',
    { reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' },
  ],
  'ObjectRemoved:DeleteMarkerCreated': [
    'Object Deleted',
    { reason: 'DeleteObject', 'deletion-type': 'Delete Marker Created' },
  ],
  'ObjectTagging:Put': ['Object Tags Added', {}],
  'ObjectTagging:Delete': ['Object Tags Deleted', {}],
  'ObjectRestore:Post': ['Object Restore Initiated', {}],
  'ObjectRestore:Completed': ['Object Restore Completed', {}],
};

/**
 * S3's event for EventBridge. The key is not encoded.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export function eventBridgeEntry(event: ObjectEvent): EventBridgeEntry {
  const [detailType, fields] = TYPES[event.name];
  const { restored } = event;
  const isCompleted = event.name === 'ObjectRestore:Completed';
  const object = {
    key: event.key,
    size: event.size,
    etag: event.etag,
    'version-id': event.versionId,
    sequencer: event.sequencer,
  };
  return {
    source: 'aws.s3',
    detailType,
    resources: [`arn:aws:s3:::${event.bucket}`],
    time: event.time,
    detail: {
      version: '0',
      'event-version': '1.0',
      bucket: { name: event.bucket },
      object,
      'request-id': event.requestId,
      requester: isCompleted ? 's3.amazonaws.com' : event.accountId,
      ...(!isCompleted && { 'source-ip-address': event.sourceIp }),
      ...fields,
      ...(restored && { 'source-storage-class': restored.storageClass }),
      ...(restored && isCompleted && { 'restore-expiry-time': wholeSeconds(restored.expiresAt) }),
    },
  };
}

function wholeSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
