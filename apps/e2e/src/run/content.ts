import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { objectOf, type OutgoingObject } from '@data-aggregator/pipeline-client';
import type { Scenario } from './scenario.ts';

export type GeneratorType = Scenario['generator_type'];

const CHUNK_BYTES = 1024 ** 2;
/** Smaller files are sent from memory, so that the SDK can retry. */
const LARGE_BYTES = 4 * CHUNK_BYTES;

/**
 * A file's bytes, in chunks of at most 1 MiB. The same seed produces the same bytes, so they are generated twice, for the hash and
 * for the upload, instead of being held in memory.
 *
 * @param size bytes
 */
export function* contentOf(type: GeneratorType, seed: string, size: number): Generator<Buffer> {
  const next = type === 'random' ? randomChunks(seed) : compressibleChunks(seed);
  for (let left = size; left > 0; left -= CHUNK_BYTES) yield next(Math.min(left, CHUNK_BYTES));
}

/** A file to generate and send. */
export interface OutgoingFile {
  key: string;
  type: GeneratorType;
  /** Determines its content. */
  seed: string;
  /** Bytes. */
  size: number;
}

/** The object to upload for a file. */
export function outgoing({ key, type, seed, size }: OutgoingFile): OutgoingObject {
  if (size <= LARGE_BYTES) {
    return objectOf(key, Buffer.concat([...contentOf(type, seed, size)]));
  }
  const digest = createHash('sha256');
  for (const chunk of contentOf(type, seed, size)) digest.update(chunk);
  const body = Readable.from(contentOf(type, seed, size), { objectMode: false });
  return { key, body, size, sha256: digest.digest('hex') };
}

/** The key stream of a cipher: incompressible, and faster than random bytes. */
function randomChunks(seed: string): (bytes: number) => Buffer {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  return (bytes) => cipher.update(zeros.subarray(0, bytes));
}

function compressibleChunks(seed: string): (bytes: number) => Buffer {
  let number = 0;
  return (bytes) =>
    Buffer.alloc(bytes, `${seed} part ${number++}: much the same is said here over and over again.\n`);
}
