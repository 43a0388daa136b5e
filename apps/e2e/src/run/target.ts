import type { DeadMessage, SentObject } from '@data-aggregator/pipeline-client';
import type { TakenBundle } from './consumer.ts';
import type { OutgoingFile } from './content.ts';
import type { LandedFile } from './producer.ts';

/** Where a scenario runs: the embedded cloud, or an account with a deployed pipeline. */
export interface Target extends AsyncDisposable {
  landing: {
    bucket: string;
    /** Generates a file and uploads it to landing. @throws the signal's reason */
    send: (file: OutgoingFile, signal: AbortSignal) => Promise<LandedFile>;
  };
  /** Takes this run's bundles that are waiting, and checks every file. @throws the signal's reason */
  take: (signal: AbortSignal) => Promise<TakenBundle[]>;
  /** Dead letters not returned before. */
  deadMessages: () => Promise<DeadMessage[]>;
  /** Deletes a version from landing permanently. */
  remove: (object: SentObject) => Promise<void>;
  /**
   * Invokes the aggregator and waits.
   *
   * @returns its error, if it failed
   * @throws the signal's reason
   */
  invoke: (event: unknown, signal: AbortSignal) => Promise<string | undefined>;
  /**
   * Waits until no further delivery is possible.
   *
   * @param accounted whether every sent object has been seen in a bundle or dead letter
   * @throws the signal's reason
   */
  processed: (accounted: () => boolean, signal: AbortSignal) => Promise<void>;
  /** Undefined in an account. */
  inside: Inside | undefined;
}

/** Faults and figures that only the embedded cloud offers. */
export interface Inside {
  /** Makes S3 refuse to read these keys until the function has returned a message. */
  refuseReads: (keys: readonly string[]) => void;
  /** Batch item failures so far. */
  itemFailures: () => Promise<number>;
  /** Invocations that failed as a whole, for example because they ran out of memory. */
  failedInvocations: () => Promise<number>;
}
