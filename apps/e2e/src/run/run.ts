import type { SentObject } from '../pipeline/sent-object.ts';
import type { Scenario } from './scenario.ts';
import type { Target } from './target.ts';

/** What the steps of a scenario share. */
export interface Run {
  scenario: Scenario;
  target: Target;
  /** What keys begin with: nothing else in the buckets does. */
  prefix: string;
  signal: AbortSignal;
  progress: RunProgress;
}

/** Told of how far a run is. */
export interface RunProgress {
  phase: (text: string) => void;
  update: (changes: { uploaded?: number; queued?: number; bundled?: number }) => void;
  /** Worth a line for those who want to know more. */
  detail: (text: string) => void;
}

/** An object that was sent, and how it must end. */
export interface Expected {
  object: SentObject;
  /** ms since the epoch at which S3 had taken it. */
  landedAt: number;
  /** Undefined where it must be delivered. */
  quarantined?: string;
}

/** One thing that was looked at: a test case of the report. */
export interface Check {
  name: string;
  /** Undefined where all is well. */
  problem: string | undefined;
  /** How long it took, where that means something. */
  seconds?: number;
}
