import type { DeadMessage } from '../pipeline/dead-letters.ts';
import type { SentObject } from '../pipeline/sent-object.ts';
import type { TakenBundle } from './consumer.ts';
import type { OutgoingFile } from './content.ts';
import type { LandedFile } from './producer.ts';

/** Where a scenario runs: the embedded cloud, or an account that the pipeline is deployed in. */
export interface Target extends AsyncDisposable {
  landing: {
    bucket: string;
    /** Makes a file and puts it into landing. @throws the signal's reason */
    send: (file: OutgoingFile, signal: AbortSignal) => Promise<LandedFile>;
  };
  /** What waits for the consumer and is of this run, and nothing else. */
  bundles: {
    /** Keys. */
    list: () => Promise<string[]>;
    /** Pulls, checks and deletes one. @throws the signal's reason */
    take: (key: string, signal: AbortSignal) => Promise<TakenBundle>;
  };
  /** Dead letters that were not seen before. */
  deadMessages: () => Promise<DeadMessage[]>;
  /** Removes a version from landing, as if it had never been there. */
  remove: (object: SentObject) => Promise<void>;
  /**
   * Invokes the aggregator and waits.
   *
   * @returns what it failed with; undefined where it did not
   * @throws the signal's reason
   */
  invoke: (event: unknown, signal: AbortSignal) => Promise<string | undefined>;
  /**
   * Waits until nothing can be delivered any more.
   *
   * @param accounted whether all that was sent has been seen to end
   * @throws the signal's reason
   */
  settled: (accounted: () => boolean, signal: AbortSignal) => Promise<void>;
  /** What only the embedded cloud can do or tell. */
  inside: Inside | undefined;
}

/** What only the embedded cloud can do or tell. */
export interface Inside {
  /** S3 refuses to read these keys, until the function has given one of their messages back. */
  refuseReads: (keys: readonly string[]) => void;
  /** Messages that the function gave back, one by one. */
  itemFailures: () => Promise<number>;
  /** Invocations that failed as a whole, such as one that was killed for its memory. */
  failedInvocations: () => Promise<number>;
}
