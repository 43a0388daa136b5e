import {
  checksumOf,
  type RunningChecksum,
  startChecksum as startNamed,
} from '@data-aggregator/shared-processing/checksum';
import { S3Error } from '../errors.ts';
import type { XmlNode } from '../http/xml.ts';

interface Algorithm {
  bytes: number;
  /** Possible checksum types of a multipart object; the first is the default. */
  multipart: readonly ChecksumType[];
  name: Parameters<typeof startNamed>[0];
}

const ALGORITHMS = {
  CRC32: { bytes: 4, multipart: ['COMPOSITE', 'FULL_OBJECT'], name: 'crc32' },
  CRC32C: { bytes: 4, multipart: ['COMPOSITE', 'FULL_OBJECT'], name: 'crc32c' },
  CRC64NVME: { bytes: 8, multipart: ['FULL_OBJECT'], name: 'crc64nvme' },
  SHA1: { bytes: 20, multipart: ['COMPOSITE'], name: 'sha1' },
  SHA256: { bytes: 32, multipart: ['COMPOSITE'], name: 'sha256' },
} as const satisfies Record<string, Algorithm>;

export type ChecksumAlgorithm = keyof typeof ALGORITHMS;

/**
 * The default algorithm, if the uploader chooses none. For a multipart upload it covers the whole object. Source:
 * "Checking object integrity for data uploads in Amazon S3", Amazon S3 User Guide.
 */
export const DEFAULT_ALGORITHM = 'CRC64NVME' satisfies ChecksumAlgorithm;

/** FULL_OBJECT: of the bytes. COMPOSITE: of the parts' checksums, followed by `-` and their number. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** A checksum stored with an object; `value` is the header's value. */
export interface Checksum {
  algorithm: ChecksumAlgorithm;
  type: ChecksumType;
  value: string;
}

export function startChecksum(algorithm: ChecksumAlgorithm): Promise<RunningChecksum> {
  return startNamed(ALGORITHMS[algorithm].name);
}

/** The checksum of bytes in memory, in hex. */
export function checksumOfBytes(algorithm: ChecksumAlgorithm, bytes: Uint8Array): Promise<string> {
  return checksumOf(ALGORITHMS[algorithm].name, bytes);
}

/** A checksum over all bytes of an object, part or body. @param hex its value in hex */
export function fullObjectChecksum(algorithm: ChecksumAlgorithm, hex: string): Checksum {
  return { algorithm, type: 'FULL_OBJECT', value: Buffer.from(hex, 'hex').toString('base64') };
}

/** @throws S3Error InvalidRequest if it is not one of the five algorithms */
export function parseAlgorithm(name: string): ChecksumAlgorithm {
  const upper = name.toUpperCase();
  if (Object.hasOwn(ALGORITHMS, upper)) return upper as ChecksumAlgorithm;
  throw new S3Error('InvalidRequest', { message: `"${name}" is not a checksum algorithm of S3.` });
}

/**
 * The checksum type of a multipart object.
 *
 * @param wanted the type that the client asks for, if any
 * @throws S3Error InvalidRequest if the algorithm does not support that type
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

/** `x-amz-checksum-crc32` etc. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** Element name in a response document: `ChecksumCRC32` etc. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`;
}

/** The checksum element for a response document, if there is a checksum. */
export function checksumNodes(checksum: Checksum | undefined): XmlNode[] {
  return checksum === undefined ? [] : [[checksumElement(checksum.algorithm), checksum.value]];
}

/** The algorithm of a checksum header or trailer; undefined for other headers. */
export function algorithmOfHeader(header: string): ChecksumAlgorithm | undefined {
  return (Object.keys(ALGORITHMS) as ChecksumAlgorithm[]).find((name) => checksumHeader(name) === header);
}

/** @throws S3Error InvalidRequest if the value is invalid for the algorithm */
export function checkChecksumShape(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== ALGORITHMS[algorithm].bytes || bytes.toString('base64') !== value) {
    throw new S3Error('InvalidRequest', {
      message: `Value for ${checksumHeader(algorithm)} header is invalid.`,
    });
  }
}

/** The composite checksum of parts with these checksums (base64), in order. */
export async function compositeChecksum(
  algorithm: ChecksumAlgorithm,
  parts: readonly string[],
): Promise<Checksum> {
  const running = await startChecksum(algorithm);
  for (const part of parts) running.update(Buffer.from(part, 'base64'));
  const { value } = fullObjectChecksum(algorithm, running.hex());
  return { algorithm, type: 'COMPOSITE', value: `${value}-${parts.length}` };
}
