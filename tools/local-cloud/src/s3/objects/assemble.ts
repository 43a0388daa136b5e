import { createHash } from 'node:crypto';
import { joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import type { ObjectPart, Part, Upload } from '../model.ts';
import { checksumOfBlob, crc64OfBlob } from './blob-digests.ts';
import { type Blob, type Blobs, concat } from './blobs.ts';
import { type Checksum, compositeChecksum, DEFAULT_ALGORITHM, fullObjectChecksum } from './checksums.ts';

/** A part of an object to be assembled. */
export interface ChosenPart extends Omit<Part, 'lastModified'> {
  number: number;
}

/** An object assembled from parts. */
export interface Assembled {
  blob: Blob;
  /** With quotes. */
  etag: string;
  checksum: Checksum;
  parts: readonly ObjectPart[];
}

/**
 * Assembles an object from parts, in order, without copying or rereading their bytes, except for a full-object checksum
 * that is not CRC-64/NVME. Its blob replaces those of the parts.
 *
 * @param demanded the checksum for which the upload was created
 */
export async function assemble(
  blobs: Blobs,
  parts: readonly ChosenPart[],
  demanded: Upload['checksum'] = { algorithm: DEFAULT_ALGORITHM, type: 'FULL_OBJECT' },
): Promise<Assembled> {
  const blob = concat(parts.map((part) => part.blob));
  return {
    blob,
    etag: etagOf(parts),
    checksum: await checksumOf(blobs, blob, parts, demanded),
    parts: parts.map(({ number, blob: { size }, checksum }) => ({ number, size, checksum })),
  };
}

/** MD5 of the parts' entity tags, and their number. */
function etagOf(parts: readonly ChosenPart[]): string {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.tag);
  return `"${md5.digest('hex')}-${parts.length}"`;
}

async function checksumOf(
  blobs: Blobs,
  blob: Blob,
  parts: readonly ChosenPart[],
  { algorithm, type }: NonNullable<Upload['checksum']>,
): Promise<Checksum> {
  if (type === 'COMPOSITE') {
    return compositeChecksum(
      algorithm,
      parts.flatMap((part) => part.checksum?.value ?? []),
    );
  }
  if (algorithm !== 'CRC64NVME') return checksumOfBlob(blobs, blob, algorithm);
  const runs: { size: number; crc64nvme: string }[] = [];
  for (const part of parts) runs.push({ size: part.blob.size, crc64nvme: await crc64OfPart(blobs, part) });
  return fullObjectChecksum(algorithm, joinCrc64(runs).crc64nvme);
}

async function crc64OfPart(blobs: Blobs, { blob, checksum }: ChosenPart): Promise<string> {
  if (checksum?.algorithm !== 'CRC64NVME') return crc64OfBlob(blobs, blob);
  return Buffer.from(checksum.value, 'base64').toString('hex');
}
