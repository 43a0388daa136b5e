import { encodeKey } from '@data-aggregator/shared-processing/s3-event';

export type EventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated';

/** Which events of a bucket go where. */
export interface NotificationRule {
  /** The configuration's id, which every record carries. */
  id: string;
  /** Such as `s3:ObjectCreated:*`. */
  events: readonly string[];
  /** Form-encoded, like the keys in events. */
  prefix?: string;
  suffix?: string;
  /** ARN of the queue (or whatever else) that the events are for. */
  target: string;
}

/** Something that happened to an object, with everything a notification tells of it. */
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
  /** As it is, not encoded. */
  key: string;
  /** Undefined where the bucket has no versions. */
  versionId: string | undefined;
  /** Bytes; undefined where an object was removed. */
  size: number | undefined;
  /** Without quotes; undefined where a version was removed for good. */
  etag: string | undefined;
  /** Hex; grows with every event of the same key. */
  sequencer: string;
  /** The bucket's rules that this event matches. */
  rules: readonly NotificationRule[];
}

/**
 * The rules that an event matches: by its name, where `*` stands for any ending, and by the ends of its key. S3 compares a
 * filter with the form-encoded key: the filter `year=2026/` matches nothing, `year%3D2026/` does.
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

/** The message S3 sends for one event: one record, in the form of the event message structure 2.1. */
export function s3EventMessage(event: ObjectEvent, configurationId: string) {
  return {
    Records: [
      {
        eventVersion: '2.1',
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
            sequencer: event.sequencer,
          },
        },
      },
    ],
  };
}

/** The message S3 sends to a target when a bucket's notification configuration is set. */
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
