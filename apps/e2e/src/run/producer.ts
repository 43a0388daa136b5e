import type { ClientConfig } from '@data-aggregator/local-cloud';
import type { OutgoingFile } from './content.ts';
import { startThread, type Thread } from './thread/thread.ts';

/** What the producer's thread works with. */
export interface ProducerSettings {
  bucket: string;
  client: Partial<ClientConfig>;
}

/** A file that has landed. */
export interface LandedFile {
  versionId: string;
  /** Hex, of the bytes that S3 verified. */
  sha256: string;
  /** ms since the epoch at which S3 had taken it. */
  landedAt: number;
}

export type Producer = Thread<OutgoingFile, LandedFile>;

/** Makes files and puts them into landing, in a thread of its own: the embedded cloud has this one to itself. */
export function startProducer(settings: ProducerSettings): Producer {
  return startThread(new URL('producer-thread.ts', import.meta.url), settings);
}
