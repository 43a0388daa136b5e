import * as v from 'valibot';
import { describeIssues, describeValue } from './describe-issues.ts';
import { createdEvent, eventBridgeHeader, fromS3, restoredEvent } from './event-bridge-event.ts';
import { typeOfEventBridgeEvent, typeOfS3Event } from './event-type.ts';
import type { LandedObject } from './object-version.ts';
import { createdRecord, restoredRecord, s3RecordHeader } from './s3-record.ts';

/** The result for one record. */
export type ParsedRecord =
  /** A new object, or an archived one that can be read again. */
  | { kind: 'landed'; landed: LandedObject }
  /** It says nothing of a new object: a removal, new tags and so on. `type` is S3's name for the event. */
  | { kind: 'ignored'; type: string }
  /** `detail` names each wrong field with its value, shortened. `event` contains this record alone. */
  | { kind: 'malformed'; detail: string; event: object };

/** The content of one message. */
export type Notification =
  /** S3 sends one when notifications are configured. It concerns no object. */
  | { kind: 'test-event' }
  /** At least one record, each parsed separately, in the event's order. */
  | { kind: 'records'; records: ParsedRecord[] }
  /** It contains no records. */
  | { kind: 'malformed'; detail: string };

/**
 * JSON can nest very deeply, and recursive code such as `JSON.stringify` (for a dead letter) would exhaust the stack. S3's
 * records are six levels deep.
 */
const MAX_DEPTH = 20;

const testEvent = v.object({ Service: v.literal('Amazon S3'), Event: v.literal('s3:TestEvent') });
const snsEnvelope = v.object({ Type: v.literal('Notification'), Message: v.string() });
const s3Event = v.object({ Records: v.pipe(v.array(v.unknown()), v.nonEmpty('is empty')) });

/**
 * Parses the body of an SQS message in each form in which S3's notifications arrive: directly, through an SNS topic with or
 * without raw message delivery, or through EventBridge. Never throws.
 *
 * Signatures of SNS are not checked: only senders that the queue's policy names can send to it.
 */
export function parseNotification(body: string): Notification {
  const parsed = parseJson(body);
  return parsed === undefined
    ? { kind: 'malformed', detail: `the message body is not JSON: ${describeValue(body)}` }
    : parseEvent(parsed.event);
}

/** Parses an event in one of the same forms. Never throws for a result of `JSON.parse`, whatever its shape. */
export function parseEvent(event: unknown): Notification {
  if (nestsTooDeep(event)) return tooDeep;
  return v.is(snsEnvelope, event) ? parseWrapped(event.Message) : parseUnwrapped(event);
}

const tooDeep: Notification = {
  kind: 'malformed',
  detail: `the event nests deeper than ${MAX_DEPTH} levels`,
};

/** SNS delivers an event as text in its own envelope. It is unwrapped once. */
function parseWrapped(message: string): Notification {
  const parsed = parseJson(message);
  if (parsed === undefined) {
    return {
      kind: 'malformed',
      detail: `the message in SNS's envelope is not JSON: ${describeValue(message)}`,
    };
  }
  if (nestsTooDeep(parsed.event)) return tooDeep;
  return v.is(snsEnvelope, parsed.event)
    ? { kind: 'malformed', detail: 'the event is wrapped by SNS twice' }
    : parseUnwrapped(parsed.event);
}

function parseUnwrapped(event: unknown): Notification {
  if (v.is(testEvent, event)) return { kind: 'test-event' };
  if (v.is(eventBridgeHeader, event)) return { kind: 'records', records: [parseEventBridgeEvent(event)] };
  const result = v.safeParse(s3Event, event);
  if (!result.success) {
    return { kind: 'malformed', detail: `not an S3 event: ${describeIssues(result.issues, 'the event')}` };
  }
  return { kind: 'records', records: result.output.Records.map(parseS3Record) };
}

function parseS3Record(record: unknown): ParsedRecord {
  const event = { Records: [record] };
  const header = v.safeParse(s3RecordHeader, record);
  if (!header.success) return malformed(header.issues, 'the record', event);
  const { eventName } = header.output;
  const type = typeOfS3Event(eventName);
  if (type === 'unknown') return unknownType('eventName', eventName, event);
  if (type === 'nothing-new') return { kind: 'ignored', type: eventName };
  const result = v.safeParse(type === 'created' ? createdRecord : restoredRecord, record);
  return result.success
    ? { kind: 'landed', landed: { ...result.output, event } }
    : malformed(result.issues, 'the record', event);
}

function parseEventBridgeEvent(event: v.InferOutput<typeof eventBridgeHeader>): ParsedRecord {
  const origin = v.safeParse(fromS3, event);
  if (!origin.success) return malformed(origin.issues, 'the event', event);
  const detailType = event['detail-type'];
  const type = typeOfEventBridgeEvent(detailType);
  if (type === 'unknown') return unknownType('detail-type', detailType, event);
  if (type === 'nothing-new') return { kind: 'ignored', type: detailType };
  const result = v.safeParse(type === 'created' ? createdEvent : restoredEvent, event);
  return result.success
    ? { kind: 'landed', landed: { ...result.output, event } }
    : malformed(result.issues, 'the event', event);
}

function malformed(issues: readonly v.BaseIssue<unknown>[], whole: string, event: object): ParsedRecord {
  return { kind: 'malformed', detail: describeIssues(issues, whole), event };
}

function unknownType(field: string, name: string, event: object): ParsedRecord {
  return {
    kind: 'malformed',
    detail: `${field} is not a known event of S3 (got ${describeValue(name)})`,
    event,
  };
}

function parseJson(text: string): { event: unknown } | undefined {
  try {
    return { event: JSON.parse(text) as unknown };
  } catch {
    return undefined; // It throws only SyntaxError, and the caller describes the text.
  }
}

/** Works level by level: recursion could exhaust the stack, which this function prevents. */
function nestsTooDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    if (level.length === 0) return false;
  }
  return true;
}
