import type { Landed } from '@data-aggregator/shared-processing/s3-event';

/** Why an announcement can never end in a bundle; it goes to the dead-letter queue with this word. */
export type Reason =
  | 'malformed-announcement'
  | 'unknown-bucket'
  | 'unsafe-key'
  | 'too-large'
  | 'gone'
  | 'access-denied'
  | 'superseded'
  | 'not-readable';

/** Where one object version ended, as far as this invocation is concerned. */
export type Fate =
  | { kind: 'bundled'; bundle: string }
  /** It is in a published bundle already. */
  | { kind: 'duplicate'; bundle: string }
  | { kind: 'refused'; reason: Reason; detail: string }
  /** Its message goes back to the queue, and a later delivery does better. */
  | { kind: 'retry'; why: 'busy' | 'unavailable' | 'claim-unknown' | 'not-published'; detail: string }
  /** There was no time to begin; nothing was done about it. */
  | { kind: 'unstarted' };

/** An object version that is to be bundled, once however often the batch announces it. */
export interface Candidate {
  landed: Landed;
  /** See `objectIdOf`. */
  id: string;
  /** Bytes to plan with: as announced, or as S3 told when it was read. */
  size: number;
}
