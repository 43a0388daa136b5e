import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
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

/** What is put into landing for one file. */
export async function outgoing(
  key: string,
  type: GeneratorType,
  seed: string,
  size: number,
): Promise<OutgoingObject> {
  const sha256 = await inTurn(() => hashOf(type, seed, size));
  const body =
    size > LARGE_BYTES
      ? Readable.from(contentOf(type, seed, size), { objectMode: false })
      : Buffer.concat([...contentOf(type, seed, size)]);
  return { key, body, size, sha256 };
}

/**
 * Lets everything else go on after each megabyte: the embedded cloud runs in this thread too, and what many files at
 * once keep busy answers no function.
 */
async function hashOf(type: GeneratorType, seed: string, size: number): Promise<string> {
  const digest = createHash('sha256');
  for (const chunk of contentOf(type, seed, size)) {
    digest.update(chunk);
    await setImmediate();
  }
  return digest.digest('hex');
}

let before: Promise<unknown> = Promise.resolve();

/** One after the other, in the order of the calls. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = before.then(work);
  before = done.catch(() => undefined);
  return done;
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
