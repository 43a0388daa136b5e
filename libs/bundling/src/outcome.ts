import type { ReadFailure } from '@data-aggregator/shared-processing/reader';
import type { LandedObject } from '@data-aggregator/shared-processing/s3-event';

/** Failures that are the object's own; see `failures.ts`. */
export type ObjectFailure = 'corrupted' | 'too-slow' | 'builder-died';

/** Why a notification can never succeed. Its dead letter carries this word; docs/runbook.md says what to do. */
export type Reason =
  | 'malformed-notification'
  | 'unknown-bucket'
  | 'version-missing'
  | 'unsafe-key'
  | 'too-large'
  | ObjectFailure
  | Exclude<ReadFailure, 'unavailable'>;

/** What happened to one object version in this invocation. */
export type Outcome =
  | { kind: 'bundled'; bundle: string }
  /** A published bundle contains it already. */
  | { kind: 'duplicate'; bundle: string }
  | { kind: 'refused'; reason: Reason; detail: string }
  /** It is too large for a batch, and another function bundles it. */
  | { kind: 'forwarded' }
  /** Its message returns to the queue, because a later attempt may succeed. */
  | {
      kind: 'retry';
      why: 'busy' | 'unavailable' | 'claim-unknown' | 'not-published' | 'corrupted' | 'too-slow';
      detail: string;
      /** When the claim that is in the way expires, ms since the epoch. */
      until?: number;
    }
  /** There was no time to start, and nothing was done. */
  | { kind: 'unstarted' };

/** An object version to be bundled: once, however many records of the batch name it. */
export interface Candidate {
  landed: LandedObject;
  /** See `objectIdOf`. */
  id: string;
  /** Bytes to plan with: from the notification, or from S3 once the object was opened. */
  size: number;
  /** Earlier attempts that failed because of the object; 0 until it is claimed. */
  failures: number;
  /** What the last of them was, if it is known. */
  lastFailure?: ObjectFailure | undefined;
}
