import type { Case } from './case.ts';

/** How far a change of several cases got. Together, in this order, they are all cases. */
export interface CaseChanges<R> {
  done: { case: Case; result: R }[];
  /** The case at which an error ended it; it may be changed in part. */
  failed?: { case: Case; error: unknown };
  unbegun: Case[];
}

/** Changes cases, one after the other, until one fails or the signal aborts. It throws nothing, so that what was done is always told. */
export async function changeEach<R>(
  cases: readonly Case[],
  change: (one: Case) => Promise<R>,
  signal: AbortSignal,
): Promise<CaseChanges<R>> {
  const done: CaseChanges<R>['done'] = [];
  for (const [index, one] of cases.entries()) {
    if (signal.aborted) return { done, unbegun: cases.slice(index) };
    try {
      done.push({ case: one, result: await change(one) });
    } catch (error) {
      return { done, failed: { case: one, error }, unbegun: cases.slice(index + 1) };
    }
  }
  return { done, unbegun: [] };
}
