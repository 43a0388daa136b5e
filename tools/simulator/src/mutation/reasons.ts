import type { Reason } from './report.ts';

/** Mutants that no test notices, each with the reason why none can or should. */
export const REASONS: readonly Reason[] = [];
