import type { Candidate, ObjectFailure, Outcome } from './outcome.ts';

/*
 * An object's own budget. The queue's receive count also counts receives that failed for other reasons (an outage, a
 * neighbour's fault), so it decides nothing here: the ledger counts the attempts that failed because of the object. The
 * queue's maxReceiveCount remains as the last resort, for messages that kill every invocation before it can claim.
 *
 *     failures   0  1  │  2    3    4    5   │  6
 *     bundled    as usual │  300  20   alone    │  refused
 *                         members at most
 *
 * A builder that died counts for every member, because it cannot say whose fault it was. Ever smaller bundles find out.
 */

/** Failures at which an object is refused, by what failed last. */
const LIMITS: Readonly<Record<ObjectFailure, number>> = { corrupted: 3, 'too-slow': 3, 'builder-died': 6 };

/** Members that a bundle may have together with an object that has failed so often. */
export function maxMembersWith(failures: number): number {
  if (failures < 2) return Infinity;
  if (failures === 2) return 300;
  return failures === 3 ? 20 : 1;
}

/** The outcome of an attempt that failed because of the object. */
export function outcomeOfObjectFailure(
  { failures }: Candidate,
  why: Exclude<ObjectFailure, 'builder-died'>,
  detail: string,
): Outcome {
  if (failures + 1 < LIMITS[why]) return { kind: 'retry', why, detail };
  return { kind: 'refused', reason: why, detail: `${detail} (failure ${failures + 1})` };
}

/** The refusal of a claimed object whose builders keep dying; undefined if it may be tried again. */
export function refusalOfExhausted({ failures }: Candidate): Outcome | undefined {
  if (failures < LIMITS['builder-died']) return undefined;
  const detail = `${failures} attempts to bundle it ended before they could report, the last ones with this object alone`;
  return { kind: 'refused', reason: 'builder-died', detail };
}

/** The failures to keep for the next claim after this outcome. A refused object starts anew when its dead letter is redriven. */
export function failuresAfter(
  { failures, lastFailure }: Candidate,
  outcome: { kind: string; why?: string } | undefined,
): Pick<Candidate, 'failures' | 'lastFailure'> {
  if (outcome?.kind === 'refused') return { failures: 0, lastFailure: undefined };
  return isObjectFailure(outcome?.why)
    ? { failures: failures + 1, lastFailure: outcome.why }
    : { failures, lastFailure };
}

/** Whether a word names a failure of an object. A ledger's item may have one that this version does not know. */
export function isObjectFailure(word: unknown): word is ObjectFailure {
  return typeof word === 'string' && word in LIMITS;
}
