import { encodeKey } from '@data-aggregator/shared-processing/s3-event';

export type EventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated'
  | 'ObjectTagging:Put'
  | 'ObjectTagging:Delete'
  | 'ObjectRestore:Post'
  | 'ObjectRestore:Completed';

/** Sends some of a bucket's events to a target. */
export interface NotificationRule {
  /** Id of the configuration, which is part of every record. */
  id: string;
  /** `s3:ObjectCreated:*` */
  events: readonly string[];
  /** Form-encoded, like the keys in events. */
  prefix?: string;
  suffix?: string;
  /** ARN of the queue or other target. */
  target: string;
}

/** The temporary copy of an archived object. */
export interface RestoredCopy {
  storageClass: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** A change of an object, with everything that its notification contains. */
export interface ObjectEvent {
  name: EventName;
  /** Milliseconds since 1970. */
  time: number;
  region: string;
  accountId: string;
  requestId: string;
  hostId: string;
  accessKeyId: string | undefined;
  sourceIp: string;
  bucket: string;
  /** Not encoded. */
  key: string;
  /** Undefined if the bucket has no versions. */
  versionId: string | undefined;
  /** Bytes; undefined if an object was removed or its tags changed. */
  size: number | undefined;
  /** Without quotes; undefined if a version was deleted permanently. */
  etag: string | undefined;
  /** Hexadecimal; increases with every event of the same key. Only creations and removals have one. */
  sequencer: string | undefined;
  /** Of an archived object, when it is restored. */
  restored?: RestoredCopy | undefined;
  /** The matching rules of the bucket. */
  rules: readonly NotificationRule[];
  /** Whether the bucket sends its events to EventBridge. */
  toEventBridge: boolean;
}

/**
 * The rules that match an event by name, where `*` matches any ending, and by prefix and suffix of the key. S3 compares
 * a filter with the form-encoded key: the filter `year=2026/` matches nothing, `year%3D2026/` does.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 * @see https://github.com/aws/aws-cdk/pull/28012 where a user measured it
 */
export function matchingRules(
  rules: readonly NotificationRule[],
  event: { name: EventName; key: string },
): NotificationRule[] {
  const key = encodeKey(event.key);
  return rules.filter(
    (rule) =>
      rule.events.some((pattern) => matchesName(pattern, event.name)) &&
      key.startsWith(rule.prefix ?? '') &&
      key.endsWith(rule.suffix ?? ''),
  );
}

function matchesName(pattern: string, name: EventName): boolean {
  const full = `s3:${name}`;
  return pattern.endsWith('*') ? full.startsWith(pattern.slice(0, -1)) : full === pattern;
}

/** S3's message for one event: one record in event message structure 2.1, or 2.3 for tags. */
export function s3EventMessage(event: ObjectEvent, configurationId: string) {
  return {
    Records: [
      {
        eventVersion: event.name.startsWith('ObjectTagging:') ? '2.3' : '2.1',
        eventSource: 'aws:s3',
        awsRegion: event.region,
        eventTime: new Date(event.time).toISOString(),
        eventName: event.name,
        userIdentity: { principalId: `AWS:${event.accessKeyId ?? 'ANONYMOUS'}` },
        requestParameters: { sourceIPAddress: event.sourceIp },
        responseElements: { 'x-amz-request-id': event.requestId, 'x-amz-id-2': event.hostId },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId,
          bucket: {
            name: event.bucket,
            ownerIdentity: { principalId: event.accountId },
            arn: `arn:aws:s3:::${event.bucket}`,
          },
          object: {
            key: encodeKey(event.key),
            ...(event.size === undefined ? {} : { size: event.size }),
            ...(event.etag === undefined ? {} : { eTag: event.etag }),
            ...(event.versionId === undefined ? {} : { versionId: event.versionId }),
            ...(event.sequencer === undefined ? {} : { sequencer: event.sequencer }),
          },
        },
        ...(event.name === 'ObjectRestore:Completed' && event.restored
          ? {
              glacierEventData: {
                restoreEventData: {
                  lifecycleRestorationExpiryTime: new Date(event.restored.expiresAt).toISOString(),
                  lifecycleRestoreStorageClass: event.restored.storageClass,
                },
              },
            }
          : {}),
      },
    ],
  };
}

/** S3's test message to a target when a bucket's notifications are configured. */
export function s3TestMessage(test: { bucket: string; time: number; requestId: string; hostId: string }) {
  return {
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(test.time).toISOString(),
    Bucket: test.bucket,
    RequestId: test.requestId,
    HostId: test.hostId,
  };
}
