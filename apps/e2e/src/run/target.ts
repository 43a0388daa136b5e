import type { DeadMessage } from '../pipeline/dead-letters.ts';
import type { Consumer } from '../pipeline/pull.ts';
import type { SentObject } from '../pipeline/sent-object.ts';
import type { Landing } from '../pipeline/upload.ts';

/** Where a scenario runs: the embedded cloud, or an account that the pipeline is deployed in. */
export interface Target extends AsyncDisposable {
  landing: Landing;
  /** Lists and removes what is of this run, and nothing else. */
  consumer: Consumer;
  /** The text of an object in the archive; undefined where there is none. */
  archived: (key: string) => Promise<string | undefined>;
  /** When a bundle appeared, ms since the epoch, to the second and never too early. */
  publishedAt: (bundle: string) => Promise<number>;
  /** Dead letters that were not seen before. */
  deadMessages: () => Promise<DeadMessage[]>;
  /** Removes a version from landing, as if it had never been there. */
  remove: (object: SentObject) => Promise<void>;
  /** Invokes the aggregator and waits. @returns what it failed with; undefined where it did not */
  invoke: (event: unknown) => Promise<string | undefined>;
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
