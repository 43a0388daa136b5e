import { createCipheriv, randomBytes } from 'node:crypto';
import { combineCrc64, joinCrc64, startChecksum } from '@data-aggregator/shared-processing/checksum';
import type { Random } from '@data-aggregator/shared-processing/testing';

/** The bytes of a huge object: zeros with stretches of random bytes. All of them can be computed, so none is stored. */
export interface Content {
  /** Bytes. */
  size: number;
  /** In ascending order, without overlaps. */
  stretches: readonly Range[];
  /** Of the random bytes. */
  key: Buffer;
}

/** Bytes from `start` (inclusive) to `end` (exclusive). */
export interface Range {
  start: number;
  end: number;
}

const STRETCHES = 16;
const CHUNK = 256 * 1024;
const ZEROS = Buffer.alloc(CHUNK);

/**
 * Lays out an object: a stretch at each end and others at random places between, of the same length.
 *
 * @param size bytes
 * @param incompressible how many of the bytes are random; at most `size`
 */
export function createContent(size: number, incompressible: number, random: Random): Content {
  const slice = Math.floor(size / STRETCHES);
  const length = Math.min(Math.ceil(incompressible / STRETCHES), slice);
  const stretches = Array.from({ length: STRETCHES }, (_, index) => {
    const spare = slice - length;
    const start = index * slice + (index === 0 ? 0 : Math.floor(random.next() * spare));
    return { start, end: start + length };
  });
  stretches[STRETCHES - 1] = { start: size - length, end: size };
  return { size, stretches: stretches.filter(({ start, end }) => start < end), key: randomBytes(16) };
}

/** The bytes of a range, in chunks. */
export function* bytesOf(content: Content, { start, end }: Range): Generator<Buffer> {
  for (let at = start; at < end;) {
    const stretch = content.stretches.find((candidate) => candidate.end > at);
    const isRandom = stretch !== undefined && stretch.start <= at;
    const border = isRandom ? stretch.end : (stretch?.start ?? content.size);
    const until = Math.min(end, border, at + CHUNK);
    yield isRandom ? keystream(content.key, at, until - at) : ZEROS.subarray(0, until - at);
    at = until;
  }
}

/** Random bytes by position: AES in counter mode, which can begin anywhere. */
function keystream(key: Buffer, position: number, length: number): Buffer {
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt(Math.floor(position / 16)), 8);
  const skipped = position % 16;
  const plain = Buffer.alloc(skipped + length);
  return createCipheriv('aes-128-ctr', key, counter).update(plain).subarray(skipped);
}

/** CRC-64/NVME in hex. Only the stretches are computed byte by byte. */
export async function crc64Of(content: Content): Promise<string> {
  const runs: { size: number; crc64nvme: string }[] = [];
  let at = 0;
  for (const { start, end } of [...content.stretches, { start: content.size, end: content.size }]) {
    runs.push({ size: start - at, crc64nvme: crc64OfZeros(start - at) });
    const running = await startChecksum('crc64nvme');
    for (const chunk of bytesOf(content, { start, end })) running.update(chunk);
    runs.push({ size: end - start, crc64nvme: running.hex() });
    at = end;
  }
  return joinCrc64(runs).crc64nvme;
}

/** A CRC-64/NVME starts with all ones and is inverted at the end; in between, zeros only shift it. */
export function crc64OfZeros(size: number): string {
  return combineCrc64('f'.repeat(16), 'f'.repeat(16), size);
}

/**
 * Compares bytes with the content from `start` on.
 *
 * @returns the position of the first difference; undefined if there is none
 */
export function firstDifference(content: Content, start: number, actual: Buffer): number | undefined {
  let at = 0;
  for (const expected of bytesOf(content, { start, end: Math.min(start + actual.length, content.size) })) {
    const piece = actual.subarray(at, at + expected.length);
    if (!piece.equals(expected))
      return start + at + piece.findIndex((byte, index) => byte !== expected[index]);
    at += expected.length;
  }
  return at < actual.length ? start + at : undefined;
}
