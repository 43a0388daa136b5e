import { createHash } from 'node:crypto';
import { runningCrc32, runningCrc32c, runningCrc64nvme } from './crc.ts';
import { S3Error } from '../errors.ts';
import type { XmlNode } from '../http/xml.ts';

interface Running {
  update(chunk: Uint8Array): unknown;
  digest(): Buffer;
}

interface Algorithm {
  bytes: number;
  /** Of which types the checksum of a multipart object can be; the first is the default. */
  multipart: readonly ChecksumType[];
  start(): Running;
}

const ALGORITHMS = {
  CRC32: { bytes: 4, multipart: ['COMPOSITE', 'FULL_OBJECT'], start: runningCrc32 },
  CRC32C: { bytes: 4, multipart: ['COMPOSITE', 'FULL_OBJECT'], start: runningCrc32c },
  CRC64NVME: { bytes: 8, multipart: ['FULL_OBJECT'], start: runningCrc64nvme },
  SHA1: { bytes: 20, multipart: ['COMPOSITE'], start: () => createHash('sha1') },
  SHA256: { bytes: 32, multipart: ['COMPOSITE'], start: () => createHash('sha256') },
} as const satisfies Record<string, Algorithm>;

export type ChecksumAlgorithm = keyof typeof ALGORITHMS;

/**
 * The algorithm of an object whose uploader chose none; of a multipart upload it is a checksum of the whole object. Source:
 * "Checking object integrity for data uploads in Amazon S3", Amazon S3 User Guide.
 */
export const DEFAULT_ALGORITHM = 'CRC64NVME' satisfies ChecksumAlgorithm;

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
  if (Object.hasOwn(ALGORITHMS, upper)) return upper as ChecksumAlgorithm;
  throw new S3Error('InvalidRequest', { message: `"${name}" is not a checksum algorithm of S3.` });
}

/**
 * How the checksum of a multipart object is made.
 *
 * @param wanted the type a client asks for, if it does
 * @throws S3Error InvalidRequest where the algorithm cannot be of that type
 */
export function multipartChecksumType(
  algorithm: ChecksumAlgorithm,
  wanted: string | undefined,
): ChecksumType {
  const possible: readonly ChecksumType[] = ALGORITHMS[algorithm].multipart;
  const type = possible.find((name) => name === (wanted ?? possible[0]));
  if (type !== undefined) return type;
  throw new S3Error('InvalidRequest', { message: `A ${algorithm} checksum cannot be of type ${wanted}.` });
}

/** `x-amz-checksum-crc32` and so on. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** Element of a response document: `ChecksumCRC32` and so on. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`;
}

/** The element of a checksum for a response document; none where there is no checksum. */
export function checksumNodes(checksum: Checksum | undefined): XmlNode[] {
  return checksum === undefined ? [] : [[checksumElement(checksum.algorithm), checksum.value]];
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
