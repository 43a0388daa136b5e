import type { ClientConfig } from '@data-aggregator/local-cloud';
import type { CheckedBundle } from '@data-aggregator/pipeline-client';
import { startThread, type Thread } from './thread/thread.ts';

/** Settings of the consumer's thread. */
export interface ConsumerSettings {
  distribution: string;
  archive: string;
  /** Client configuration with the consumer's permissions. */
  consumer: Partial<ClientConfig>;
  /** Client configuration with all permissions. */
  admin: Partial<ClientConfig>;
  /** Folder for bundles. */
  folder: string;
  /** Whether bundles stay in the folder. */
  keepFiles: boolean;
}

export interface BundleToTake {
  key: string;
  /** Whether it stays in the bucket because it also contains other files. */
  leave: boolean;
}

/** A checked bundle. */
export interface TakenBundle extends CheckedBundle {
  /** Publication time in ms since the epoch, rounded up to a second. */
  publishedAt: number;
}

export type Taker = Thread<BundleToTake, TakenBundle>;

/** Starts the thread that pulls, checks and deletes bundles, so that the embedded cloud has this thread to itself. */
export function startTaker(settings: ConsumerSettings): Taker {
  return startThread(new URL('consumer-thread.ts', import.meta.url), settings);
}
