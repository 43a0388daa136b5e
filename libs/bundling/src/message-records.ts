import { memberName } from '@data-aggregator/shared-processing/keys';
import { objectIdOf } from '@data-aggregator/shared-processing/ledger';
import {
  type LandedObject,
  type Notification,
  type ObjectVersion,
  parseEvent,
  parseNotification,
  toS3Event,
} from '@data-aggregator/shared-processing/s3-event';
import { fitsMessage, type Message } from '@data-aggregator/shared-processing/sqs';
import type { Candidate, Reason } from './outcome.ts';

/** A record that can never succeed, and what its dead letter contains. */
export interface Refusal {
  messageId: string;
  reason: Reason;
  detail: string;
  /** An event with this record alone, or the malformed body. */
  body: string;
  /** The object version, if the record names one. */
  object?: ObjectVersion;
}

/** One record of a message, or a message that has no records. */
export type MessageRecord =
  | { kind: 'candidate'; messageId: string; candidate: Candidate }
  | ({ kind: 'refused' } & Refusal)
  /** It says nothing of a new object. `type` is S3's name for the event. */
  | { kind: 'ignored'; messageId: string; type: string };

/** Which notifications this function accepts. */
export interface Admission {
  landingBucket: string;
  /** Whether landing keeps versions. If so, every notification must name the version. */
  landingIsVersioned: boolean;
  /** Bytes of the largest object that a bundle can hold. */
  maxObjectBytes: number;
}

/** The records in one SQS message. */
export function recordsOf(message: Message, admission: Admission): MessageRecord[] {
  return admitAll(message, parseNotification(message.body), admission);
}

/** The records in an event that the function was invoked with directly. */
export function recordsOfEvent(event: unknown, admission: Admission): MessageRecord[] {
  const source = { messageId: 'event', body: JSON.stringify(event) };
  return admitAll(source, parseEvent(event), admission);
}

/**
 * The body of a message with one object alone, in the form in which its notification came, without SNS's envelope. An event
 * that is too long for a message is replaced by an S3 event with only the fields that this function reads.
 */
export function bodyOf(landed: LandedObject): string {
  const body = messageBody(landed.event);
  return fitsMessage(body) ? body : messageBody(toS3Event([landed]));
}

/** JSON in which the two characters that SQS rejects are escaped. */
function messageBody(event: object): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16)}`;
  return JSON.stringify(event).replaceAll(/[\ufffe\uffff]/g, escape);
}

/** Where records come from. */
interface Source {
  messageId: string;
  body: string;
}

function admitAll(source: Source, notification: Notification, admission: Admission): MessageRecord[] {
  const { messageId, body } = source;
  const malformed = (detail: string, ofBody: string): MessageRecord => ({
    ...{ kind: 'refused', messageId, reason: 'malformed-notification', detail, body: ofBody },
  });
  switch (notification.kind) {
    case 'test-event':
      return [{ kind: 'ignored', messageId, type: 's3:TestEvent' }];
    case 'malformed':
      return [malformed(notification.detail, body)];
    case 'records':
      return notification.records.map((record) => {
        switch (record.kind) {
          case 'landed':
            return admit(source, record.landed, admission);
          case 'ignored':
            return { kind: 'ignored', messageId, type: record.type };
          case 'malformed':
            return malformed(record.detail, messageBody(record.event));
        }
      });
  }
}

function admit({ messageId }: Source, landed: LandedObject, admission: Admission): MessageRecord {
  const { landingBucket, landingIsVersioned, maxObjectBytes } = admission;
  const refuse = (reason: Reason, detail: string): MessageRecord => ({
    ...{ kind: 'refused', messageId, reason, detail, body: bodyOf(landed), object: landed },
  });
  if (landed.bucket !== landingBucket) {
    return refuse('unknown-bucket', `the bucket "${landed.bucket}" is not "${landingBucket}"`);
  }
  // Otherwise a forged notification could name one version under many sequencers, each delivered once.
  if (landingIsVersioned && landed.version.kind !== 'id') {
    return refuse('version-missing', `"${landingBucket}" keeps versions, but the record has no versionId`);
  }
  if (landed.size > maxObjectBytes) {
    return refuse('too-large', `${landed.size} bytes are more than ${maxObjectBytes}`);
  }
  const name = memberName(landed.key);
  if (name.kind === 'refused') return refuse('unsafe-key', name.reason);
  return {
    kind: 'candidate',
    messageId,
    candidate: { landed, id: objectIdOf(landed), size: landed.size, failures: 0 },
  };
}
