import { createCipheriv, createHash, hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { OutgoingObject } from '../pipeline/upload.ts';
import type { Scenario } from './scenario.ts';

export type GeneratorType = Scenario['generator_type'];

const CHUNK_BYTES = 1024 ** 2;
/** Smaller files are sent from memory, so that an attempt that fails can be made again. */
const LARGE_BYTES = 4 * CHUNK_BYTES;

/**
 * A file's bytes, in pieces of a megabyte at most: the same for the same seed, so that they can be made twice, once
 * for the hash and once to be sent, and never have to be held.
 *
 * @param size bytes
 */
export function* contentOf(type: GeneratorType, seed: string, size: number): Generator<Buffer> {
  const next = type === 'random' ? randomChunks(seed) : compressibleChunks(seed);
  for (let left = size; left > 0; left -= CHUNK_BYTES) yield next(Math.min(left, CHUNK_BYTES));
}

/** A file that is to be made and sent. */
export interface OutgoingFile {
  key: string;
  type: GeneratorType;
  /** Decides its content. */
  seed: string;
  /** Bytes. */
  size: number;
}

/** What is put into landing for one file. */
export function outgoing({ key, type, seed, size }: OutgoingFile): OutgoingObject {
  if (size <= LARGE_BYTES) {
    const body = Buffer.concat([...contentOf(type, seed, size)]);
    return { key, body, size, sha256: hash('sha256', body) };
  }
  const digest = createHash('sha256');
  for (const chunk of contentOf(type, seed, size)) digest.update(chunk);
  const body = Readable.from(contentOf(type, seed, size), { objectMode: false });
  return { key, body, size, sha256: digest.digest('hex') };
}

/** The key stream of a cipher: as good as random, and faster than anything that is. */
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
