import type { ClientConfig, Cloud } from '@data-aggregator/local-cloud';
import type { CheckedBundle } from '@data-aggregator/pipeline-client';
import { startThread, type Thread } from './thread/thread.ts';

/** A checked bundle. */
export interface TakenBundle extends CheckedBundle {
  /** Publication time in ms since the epoch, rounded up to a second. */
  publishedAt: number;
}

/** When a bundle was stored, in ms since the epoch. S3 truncates to seconds: one second more is never too early. */
export function publicationTime(key: string, lastModified: Date | undefined): number {
  if (!lastModified) throw new Error(`S3 does not tell when ${key} was stored`);
  return lastModified.getTime() + 1_000;
}

/** Settings of a thread that takes bundles, so that the embedded cloud has this thread to itself. */
export interface TakerSettings {
  /** Client configuration with the consumer's permissions. */
  consumer: Partial<ClientConfig>;
  /** Client configuration with all permissions. */
  admin: Partial<ClientConfig>;
  /** Folder for files or bundles. */
  folder: string;
  /** Whether they stay in the folder. */
  keepFiles: boolean;
}

export interface InboxSettings extends TakerSettings {
  buckets: Cloud['buckets'];
  queues: Readonly<Record<string, { readonly url: string }>>;
}

/** Starts the thread in which the consumer puts the waiting bundles on disk, and their files are checked. */
export function startInbox(settings: InboxSettings): Thread<void, TakenBundle[]> {
  return startThread(new URL('inbox-thread.ts', import.meta.url), settings);
}

export interface RawSettings extends TakerSettings {
  distribution: string;
  archive: string;
}

export interface RawBundle {
  key: string;
  /** Whether it stays in the bucket because it also contains other files. */
  leave: boolean;
}

/**
 * Starts the thread that pulls, checks and deletes single bundles. In an account it takes the place of the consumer, which processes
 * every bundle that waits, those of other people included.
 */
export function startRawBundles(settings: RawSettings): Thread<RawBundle, TakenBundle> {
  return startThread(new URL('raw-bundles-thread.ts', import.meta.url), settings);
}
