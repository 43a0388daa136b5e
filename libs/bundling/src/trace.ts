import type { Attributes, Span } from '@data-aggregator/shared-processing/tracing';
import type { ObjectVersion } from '@data-aggregator/shared-processing/s3-event';
import type { MessageRecord } from './message-records.ts';
import type { Delivery } from './deliver.ts';

/*
 * What a trace says about files. The invocation's span has one event per notification or immediate refusal; the bundle's span has each
 * file's outcome. A full span only counts further events, so the ones that someone will look for come first.
 */

/** Records every notification and the message it came in. */
export function traceRecords(records: readonly MessageRecord[], span: Span): void {
  if (!span.isRecording) return;
  for (const record of records) {
    if (record.kind !== 'refused') continue;
    const { messageId, reason, detail, object } = record;
    const where = object && { 'aws.s3.bucket': object.bucket, ...nameOf(object) };
    span.event('file.refused', { ...message(messageId), ...where, reason, detail });
  }
  for (const record of records) {
    if (record.kind !== 'candidate') continue;
    const { messageId, candidate } = record;
    span.event('file.notified', {
      ...message(messageId),
      ...nameOf(candidate.landed),
      'file.id': candidate.id,
      'file.landed_at': new Date(candidate.landed.landedAt).toISOString(),
    });
  }
}

/** Records the outcome of every file of a bundle. */
export function traceDelivery({ outcomes, published }: Delivery, span: Span): void {
  if (!span.isRecording) return;
  if (published) {
    span.set({
      'aggregator.bundle.bytes': published.size,
      'aggregator.bundle.members': published.members.length,
    });
  }
  for (const [{ landed, id }, { kind, ...rest }] of outcomes) {
    if (kind !== 'bundled') span.event(`file.${kind}`, { ...nameOf(landed), 'file.id': id, ...rest });
  }
  for (const { candidate, name, size } of published?.members ?? []) {
    span.event('file.bundled', {
      ...nameOf(candidate.landed),
      'file.id': candidate.id,
      'file.name': name === candidate.landed.key ? undefined : name,
      'file.size': size,
    });
  }
}

function message(messageId: string): Attributes {
  return { 'messaging.message.id': messageId };
}

/** Without the bucket, because only landing is accepted. */
function nameOf({ key, version }: ObjectVersion): Attributes {
  return {
    'aws.s3.key': key,
    'aws.s3.version_id': version.kind === 'id' ? version.versionId : undefined,
  };
}
