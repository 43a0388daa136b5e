import type { Mutant } from './mutate.ts';
import { REASONS } from './reasons/index.ts';

/** What becomes of the mutants. */
export interface Report {
  readonly killed: number;
  /** No test notices them, and nobody wrote down why. */
  readonly survivors: readonly Mutant[];
  /** No test can or should notice them, for a reason in reasons/. */
  readonly equivalent: readonly Mutant[];
}

/** Why a mutant may survive. It is found by its code rather than its line number, so that edits elsewhere do not lose it. */
export interface Reason {
  readonly file: string;
  /** The line of code on which the mutant starts, trimmed. */
  readonly line: string;
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

export function reportOf(mutants: readonly Mutant[], reasons: readonly Reason[] = REASONS): Report {
  const survived = mutants.filter(({ fate }) => fate === 'survived');
  return {
    killed: mutants.length - survived.length,
    survivors: survived.filter((mutant) => !isExplained(mutant, reasons)),
    equivalent: survived.filter((mutant) => isExplained(mutant, reasons)),
  };
}

/** Whether reasons/ says why the mutant may survive. */
export function isExplained(mutant: Mutant, reasons: readonly Reason[] = REASONS): boolean {
  return reasons.some((reason) => isAbout(reason, mutant));
}

function isAbout(reason: Reason, mutant: Mutant): boolean {
  return (['file', 'line', 'original', 'replacement'] as const).every(
    (field) => reason[field] === mutant[field],
  );
}
