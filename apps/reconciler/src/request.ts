import * as v from 'valibot';
import type { VersionMarker } from '@data-aggregator/shared-processing/s3';

/** A wish to reconcile a range of landing times, by hand. */
export interface ManualRequest {
  kind: 'manual';
  /** ms since the epoch; as far back as the ledger remembers, where nothing is said. */
  from: number | undefined;
  /** ms since the epoch, not included; until now, where nothing is said. */
  to: number | undefined;
  /** Only counts. */
  dryRun: boolean;
  /**
   * Also looks at objects that are older than claims are kept, and counts those without a claim as lost. Who asks for
   * it vouches that nothing of the range was delivered: a backlog from before the pipeline existed.
   */
  neverDelivered: boolean;
  /** Where an earlier answer broke off. */
  after: VersionMarker | undefined;
}

export type Request = { kind: 'scheduled' } | ManualRequest;

/** An event that is neither a schedule's nor a request. The message says what is wrong with it. */
export class ReconcileRequestError extends Error {
  override readonly name = 'ReconcileRequestError';
}

const scheduled = v.object({ source: v.literal('aws.events'), 'detail-type': v.literal('Scheduled Event') });

const time = v.pipe(
  v.string(),
  v.isoTimestamp('is not a time such as 2026-11-22T09:00:00Z'),
  v.transform(Date.parse),
  v.number('is not a time'),
);

const manual = v.strictObject({
  from: v.optional(time),
  to: v.optional(time),
  dryRun: v.optional(v.boolean(), false),
  neverDelivered: v.optional(v.boolean(), false),
  after: v.optional(v.strictObject({ key: v.string(), versionId: v.string() })),
});

/** @throws ReconcileRequestError */
export function parseRequest(event: unknown): Request {
  if (v.is(scheduled, event)) return { kind: 'scheduled' };
  const result = v.safeParse(manual, event);
  if (!result.success) {
    const [issue] = result.issues;
    throw new ReconcileRequestError(
      `the request is wrong: ${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`,
    );
  }
  const { from, to, after, ...rest } = result.output;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new ReconcileRequestError('the request is wrong: "from" is not before "to"');
  }
  return { kind: 'manual', from, to, after, ...rest };
}
