import type { ClientConfig } from '@data-aggregator/local-cloud';
import type { SentObject } from '@data-aggregator/pipeline-client';
import type { OutgoingFile } from './content.ts';
import { startThread, type Thread } from './thread/thread.ts';

/** Settings of the producer's thread. */
export interface ProducerSettings {
  bucket: string;
  client: Partial<ClientConfig>;
}

/** A file that S3 has stored and verified. */
export interface LandedFile {
  object: SentObject;
  /** When S3 had stored it, in ms since the epoch. */
  landedAt: number;
}

export type Producer = Thread<OutgoingFile, LandedFile>;

/** Starts the thread that generates and uploads files, so that the embedded cloud has this thread to itself. */
export function startProducer(settings: ProducerSettings): Producer {
  return startThread(new URL('producer-thread.ts', import.meta.url), settings);
}
