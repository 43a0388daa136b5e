import type { LandedFile } from './producer.ts';
import type { Scenario } from './scenario.ts';
import type { Target } from './target.ts';

/** The context shared by a scenario's steps. */
export interface Run {
  scenario: Scenario;
  target: Target;
  /** Key prefix that only this run uses. */
  prefix: string;
  signal: AbortSignal;
  progress: RunProgress;
}

/** Receives the progress of a run. */
export interface RunProgress {
  phase: (text: string) => void;
  update: (changes: { uploaded?: number; queued?: number; bundled?: number }) => void;
  /** A line for `--verbose`. */
  detail: (text: string) => void;
}

/** A sent object and its expected outcome. */
export interface Expected extends LandedFile {
  /** The expected reason; undefined if it must be delivered. */
  quarantined?: string;
}

/** One test case of the report. */
export interface Check {
  name: string;
  /** Undefined if it passed. */
  problem: string | undefined;
  /** Its duration, if meaningful. */
  seconds?: number;
}
