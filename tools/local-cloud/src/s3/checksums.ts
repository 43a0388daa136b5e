import { createHash } from 'node:crypto';
import { type RunningCrc, runningCrc32, runningCrc32c, runningCrc64nvme } from './crc.ts';
import { S3Error } from './errors.ts';

interface Running {
  update(chunk: Uint8Array): unknown;
  digest(): Buffer;
}

const ALGORITHMS = {
  CRC32: { bytes: 4, start: (): RunningCrc => runningCrc32() },
  CRC32C: { bytes: 4, start: (): RunningCrc => runningCrc32c() },
  CRC64NVME: { bytes: 8, start: (): RunningCrc => runningCrc64nvme() },
  SHA1: { bytes: 20, start: (): Running => createHash('sha1') },
  SHA256: { bytes: 32, start: (): Running => createHash('sha256') },
} as const;

export type ChecksumAlgorithm = keyof typeof ALGORITHMS;

/** FULL_OBJECT: over the bytes. COMPOSITE: over the checksums of the parts, followed by `-` and their number. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** A checksum as S3 keeps it with an object; `value` is what the header says. */
export interface Checksum {
  algorithm: ChecksumAlgorithm;
  type: ChecksumType;
  value: string;
}

export function startChecksum(algorithm: ChecksumAlgorithm): Running {
  return ALGORITHMS[algorithm].start();
}

/** @throws S3Error InvalidRequest where the name is not one of the five algorithms */
export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const upper = name.toUpperCase();
  if (upper in ALGORITHMS) return upper as ChecksumAlgorithm;
  throw new S3Error('InvalidRequest', { message: `"${name}" is not a checksum algorithm of S3.` });
}

/** `x-amz-checksum-crc32` and so on. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** Element of a response document: `ChecksumCRC32` and so on. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`;
}

/** The algorithm that a header or a trailer carries the value of, if it is such a header at all. */
export function algorithmOfHeader(header: string): ChecksumAlgorithm | undefined {
  return (Object.keys(ALGORITHMS) as ChecksumAlgorithm[]).find((name) => checksumHeader(name) === header);
}

/** @throws S3Error InvalidRequest where the value cannot be one of the algorithm */
export function checkChecksumShape(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== ALGORITHMS[algorithm].bytes || bytes.toString('base64') !== value) {
    throw new S3Error('InvalidRequest', {
      message: `Value for ${checksumHeader(algorithm)} header is invalid.`,
    });
  }
}

/** The checksum of a multipart object whose parts have these checksums (base64), in order. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly string[]): Checksum {
  const running = startChecksum(algorithm);
  for (const part of parts) running.update(Buffer.from(part, 'base64'));
  const value = `${running.digest().toString('base64')}-${parts.length}`;
  return { algorithm, type: 'COMPOSITE', value };
}
