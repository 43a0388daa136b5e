import * as v from 'valibot';

/** The outcome of a batch's messages. */
export type BatchOutcome =
  | { readonly kind: 'settled'; readonly failed: ReadonlySet<string> }
  /** Nothing is acknowledged, because Lambda does not accept the response. */
  | { readonly kind: 'rejected'; readonly reason: string };

const response = v.looseObject({
  batchItemFailures: v.optional(v.nullable(v.array(v.looseObject({ itemIdentifier: v.unknown() })))),
});

const allSucceeded: BatchOutcome = { kind: 'settled', failed: new Set() };

/**
 * Interprets a function's response like an event source mapping with ReportBatchItemFailures. Source: "Handling errors for
 * an SQS event source" (Lambda Developer Guide), success and failure conditions.
 *
 * @param messageIds ids of the batch's messages
 * @param payload the function's response as JSON; empty and `null` mean that all succeeded
 */
export function batchOutcome(messageIds: ReadonlySet<string>, payload: string): BatchOutcome {
  if (payload.trim() === '') return allSucceeded;
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch {
    return { kind: 'rejected', reason: 'the response is not JSON' };
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
