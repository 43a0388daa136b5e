import * as v from 'valibot';

/** What becomes of the messages of a batch. */
export type BatchOutcome =
  | { readonly kind: 'settled'; readonly failed: ReadonlySet<string> }
  /** Nothing is acknowledged: the answer is not one that Lambda understands. */
  | { readonly kind: 'rejected'; readonly reason: string };

const response = v.looseObject({
  batchItemFailures: v.optional(v.nullable(v.array(v.looseObject({ itemIdentifier: v.unknown() })))),
});

const allSucceeded: BatchOutcome = { kind: 'settled', failed: new Set() };

/**
 * Reads a function's answer as the event source mapping does with ReportBatchItemFailures.
 * Rules: Lambda developer guide, "Handling errors for an SQS event source", success and failure conditions.
 *
 * @param messageIds the messages of the batch
 * @param payload the function's answer, as JSON; empty and `null` mean that all succeeded
 */
export function batchOutcome(messageIds: ReadonlySet<string>, payload: string): BatchOutcome {
  if (payload.trim() === '') return allSucceeded;
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch {
    return { kind: 'rejected', reason: 'the answer is not JSON' };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return allSucceeded;
  const parsed = v.safeParse(response, json);
  if (!parsed.success)
    return { kind: 'rejected', reason: 'batchItemFailures is not a list of item identifiers' };
  const failed = new Set<string>();
  for (const { itemIdentifier } of parsed.output.batchItemFailures ?? []) {
    if (typeof itemIdentifier !== 'string' || itemIdentifier === '') {
      return { kind: 'rejected', reason: 'an item identifier is missing or empty' };
    }
    if (!messageIds.has(itemIdentifier)) {
      return { kind: 'rejected', reason: `no message of the batch has the id ${itemIdentifier}` };
    }
    failed.add(itemIdentifier);
  }
  return { kind: 'settled', failed };
}
