import { memberName } from '@data-aggregator/shared-processing/keys';
import { objectIdOf } from '@data-aggregator/shared-processing/ledger';
import {
  type Landed,
  type Notification,
  type ObjectVersion,
  parseNotification,
  parseS3Event,
} from '@data-aggregator/shared-processing/s3-event';
import type { Candidate, Reason } from './fate.ts';

/** One record of one message, or a message that has none; `origin` is the message's id. */
export type Announcement = { origin: string } & (
  | { kind: 'candidate'; candidate: Candidate }
  /**
   * `body` is what the dead letter holds: an S3 event of the record alone, or the whole malformed body; `object` is what
   * it is about, where that can be told.
   */
  | { kind: 'refused'; reason: Reason; detail: string; body: string; object?: ObjectVersion }
  | { kind: 'test-event' }
);

export interface Admission {
  landingBucket: string;
  /** Bytes of the largest object that a bundle can hold. */
  mostObjectBytes: number;
}

/** The announcements in one SQS message. */
export function announcementsOf(
  message: { messageId: string; body: string },
  admission: Admission,
): Announcement[] {
  return admitAll(message.messageId, parseNotification(message.body), message.body, admission);
}

/** The announcements in an S3 event that the function was invoked with directly. */
export function announcementsOfEvent(event: unknown, admission: Admission): Announcement[] {
  return admitAll('event', parseS3Event(event), JSON.stringify(event), admission);
}

/** The body of a message that announces one record; in it, the two characters that SQS refuses are escaped. */
export function messageOf(record: unknown): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16)}`;
  return JSON.stringify({ Records: [record] }).replaceAll(/[\ufffe\uffff]/g, escape);
}

function admitAll(
  origin: string,
  notification: Notification,
  body: string,
  admission: Admission,
): Announcement[] {
  switch (notification.kind) {
    case 'test-event':
      return [{ origin, kind: 'test-event' }];
    case 'malformed':
      return [
        { origin, kind: 'refused', reason: 'malformed-announcement', detail: notification.detail, body },
      ];
    case 'records':
      return notification.records.map((record) =>
        record.kind === 'landed'
          ? admit(origin, record.landed, admission)
          : {
              origin,
              kind: 'refused',
              reason: 'malformed-announcement',
              detail: record.detail,
              body: messageOf(record.record),
            },
      );
  }
}

function admit(origin: string, landed: Landed, { landingBucket, mostObjectBytes }: Admission): Announcement {
  const refuse = (reason: Reason, detail: string): Announcement => ({
    origin,
    kind: 'refused',
    reason,
    detail,
    body: messageOf(landed.record),
    object: landed,
  });
  if (landed.bucket !== landingBucket) {
    return refuse('unknown-bucket', `the bucket "${landed.bucket}" is not "${landingBucket}"`);
  }
  if (landed.size > mostObjectBytes) {
    return refuse('too-large', `${landed.size} bytes are more than ${mostObjectBytes}`);
  }
  const name = memberName(landed.key);
  if (name.kind === 'refused') return refuse('unsafe-key', name.reason);
  return { origin, kind: 'candidate', candidate: { landed, id: objectIdOf(landed), size: landed.size } };
}
