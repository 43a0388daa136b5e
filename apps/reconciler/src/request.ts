import * as v from 'valibot';
import type { VersionMarker } from '@data-aggregator/shared-processing/s3';

/** A manual request to reconcile a range of landing times. */
export interface ManualRequest {
  kind: 'manual';
  /** ms since the epoch; by default, the ledger's horizon. */
  from: number | undefined;
  /** ms since the epoch, excluded; by default, now. */
  to: number | undefined;
  /** Count only, requeue nothing. */
  dryRun: boolean;
  /**
   * Also examine objects that are older than the retention of claims, and count those without a claim as lost. The caller
   * guarantees that nothing in the range was delivered, as in a backlog from before the pipeline existed.
   */
  neverDelivered: boolean;
  /** Continue after this version, from an earlier result. */
  after: VersionMarker | undefined;
}

export type Request = { kind: 'scheduled' } | ManualRequest;

/** An event that is neither a scheduled event nor a valid request. The message names the problem. */
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
      `invalid request: ${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`,
    );
  }
  const { from, to, after, ...rest } = result.output;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new ReconcileRequestError('invalid request: "from" is not before "to"');
  }
  return { kind: 'manual', from, to, after, ...rest };
}
