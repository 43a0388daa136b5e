import * as v from 'valibot';
import { describeIssues, describeValue } from './describe-issues.ts';
import { recordSchema } from './record-schema.ts';
import type { LandedObject } from './object-version.ts';

/** The result for one record. A removal is malformed, because only created objects are notified. */
export type ParsedRecord =
  | { kind: 'landed'; landed: LandedObject }
  /** `detail` names each wrong field with its value, shortened. */
  | { kind: 'malformed'; detail: string; record: unknown };

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

/** Parses the body of an SQS message from S3. Never throws. */
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
 * Parses an S3 event: `{"Records": […]}` or S3's test event. Never throws for a result of `JSON.parse`, whatever its shape.
 */
export function parseS3Event(event: unknown): Notification {
  if (nestsDeeperThan(MAX_DEPTH, event)) {
    return { kind: 'malformed', detail: `the event nests deeper than ${MAX_DEPTH} levels` };
  }
  if (v.is(testEvent, event)) return { kind: 'test-event' };
  if (v.is(snsEnvelope, event)) {
    return { kind: 'malformed', detail: 'the event is wrapped by SNS: enable raw message delivery' };
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

/** Works level by level: recursion could exhaust the stack, which this function prevents. */
function nestsDeeperThan(limit: number, value: unknown): boolean {
  let level = [value];
  for (let depth = 0; depth <= limit; depth++) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    if (level.length === 0) return false;
  }
  return true;
}
