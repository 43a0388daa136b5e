import type { ClientConfig } from '@data-aggregator/local-cloud';
import type { CheckedBundle } from '../check/bundle.ts';
import { startThread, type Thread } from './thread/thread.ts';

/** What the consumer's thread works with. */
export interface ConsumerSettings {
  distribution: string;
  archive: string;
  /** As the consumer, who takes bundles. */
  consumer: Partial<ClientConfig>;
  /** As the administrator, who sees everything. */
  admin: Partial<ClientConfig>;
  /** Folder for bundles. */
  folder: string;
  /** Whether bundles stay in the folder. */
  keepFiles: boolean;
}

export interface BundleToTake {
  key: string;
  /** Whether it stays where it is, since others have files in it. */
  leave: boolean;
}

/** A bundle that was taken, with all that was found wrong with it. */
export interface TakenBundle extends CheckedBundle {
  /** When it appeared, ms since the epoch, to the second and never too early. */
  publishedAt: number;
}

export type Taker = Thread<BundleToTake, TakenBundle>;

/** Pulls, checks and deletes bundles, in a thread of its own: the embedded cloud has this one to itself. */
export function startTaker(settings: ConsumerSettings): Taker {
  return startThread(new URL('consumer-thread.ts', import.meta.url), settings);
}
