import * as v from 'valibot';
import { describeIssues, describeValue } from './describe-issues.ts';
import { recordSchema } from './record-schema.ts';
import type { LandedObject } from './object-version.ts';

/** What one record of an event says. A removal is malformed: the queue takes notifications of created objects only. */
export type ParsedRecord =
  | { kind: 'landed'; landed: LandedObject }
  /** `detail` names each wrong field with its value, shortened. */
  | { kind: 'malformed'; detail: string; record: unknown };

/** What one message says. */
export type Notification =
  /** S3 sends one when notifications are configured; it is about no object. */
  | { kind: 'test-event' }
  /** At least one record, each judged by itself, in the event's order. */
  | { kind: 'records'; records: ParsedRecord[] }
  /** Nothing in it can be told apart as a record. */
  | { kind: 'malformed'; detail: string };

/**
 * JSON may nest as deep as a message is long, and whatever later walks it by recursion (as `JSON.stringify` does for
 * a dead letter) would then exhaust the stack. S3's own records are six levels deep.
 */
const MAX_DEPTH = 20;

const testEvent = v.object({ Service: v.literal('Amazon S3'), Event: v.literal('s3:TestEvent') });
const snsEnvelope = v.object({ Type: v.literal('Notification'), Message: v.string() });
const s3Event = v.object({ Records: v.pipe(v.array(v.unknown()), v.nonEmpty('is empty')) });

/** Reads the body of an SQS message that S3 sent. Never throws. */
export function parseNotification(body: string): Notification {
  let event: unknown;
  try {
    event = JSON.parse(body);
  } catch {
    return { kind: 'malformed', detail: `the message body is not JSON: ${describeValue(body)}` };
  }
  return parseS3Event(event);
}

/**
 * Reads an S3 event, of any shape that JSON can have: the `{"Records": […]}` that S3 sends, or its test event.
 * Never throws on what `JSON.parse` can give.
 */
export function parseS3Event(event: unknown): Notification {
  if (nestsDeeperThan(MAX_DEPTH, event)) {
    return { kind: 'malformed', detail: `the event nests deeper than ${MAX_DEPTH} levels` };
  }
  if (v.is(testEvent, event)) return { kind: 'test-event' };
  if (v.is(snsEnvelope, event)) {
    return { kind: 'malformed', detail: 'the event is wrapped by SNS: switch raw message delivery on' };
  }
  const result = v.safeParse(s3Event, event);
  if (!result.success) {
    return { kind: 'malformed', detail: `not an S3 event: ${describeIssues(result.issues, 'the event')}` };
  }
  return { kind: 'records', records: result.output.Records.map(parseRecord) };
}

function parseRecord(record: unknown): ParsedRecord {
  const result = v.safeParse(recordSchema, record);
  return result.success
    ? { kind: 'landed', landed: { ...result.output, record } }
    : { kind: 'malformed', detail: describeIssues(result.issues, 'the record'), record };
}

/** Level by level rather than by recursion, for the reason it exists. */
function nestsDeeperThan(limit: number, value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth <= limit; depth++) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    if (level.length === 0) return false;
  }
  return true;
}
