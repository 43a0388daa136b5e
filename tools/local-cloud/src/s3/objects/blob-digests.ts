import { createHash } from 'node:crypto';
import { combineCrc64, joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import type { Part } from '../model.ts';
import type { Blob, Blobs, Extent } from './blobs.ts';
import { type Checksum, type ChecksumAlgorithm, fullObjectChecksum, startChecksum } from './checksums.ts';

/** The checksum of a blob. Only CRC-64/NVME is computed without reading zeros. Hold the blob meanwhile. */
export async function checksumOfBlob(
  blobs: Blobs,
  blob: Blob,
  algorithm: ChecksumAlgorithm,
): Promise<Checksum> {
  const hex =
    algorithm === 'CRC64NVME' ? await crc64OfBlob(blobs, blob) : await readAll(blobs, blob, algorithm);
  return fullObjectChecksum(algorithm, hex);
}

/** Reads the whole blob, zeros included. Hold it meanwhile. */
export async function md5OfBlob(blobs: Blobs, blob: Blob): Promise<Buffer> {
  const md5 = createHash('md5');
  for await (const chunk of blobs.read(blob)) md5.update(chunk);
  return md5.digest();
}

/**
 * The entity tag of a copied part, and the checksum that its upload demands. The tag is not an MD5, because reading a GiB
 * of zeros for each of some thousand parts would take an hour; it depends only on the bytes. Hold the blob meanwhile.
 *
 * @see "Object" in the Amazon S3 API Reference: after UploadPartCopy, an ETag is not an MD5 of the bytes
 */
export async function digestsOfCopy(
  blobs: Blobs,
  blob: Blob,
  algorithm: ChecksumAlgorithm | undefined,
): Promise<Pick<Part, 'tag' | 'checksum'>> {
  const crc = await crc64OfBlob(blobs, blob);
  const tag = createHash('md5').update(`${blob.size} bytes, CRC-64/NVME ${crc}`).digest();
  if (algorithm === undefined) return { tag, checksum: undefined };
  const hex = algorithm === 'CRC64NVME' ? crc : await readAll(blobs, blob, algorithm);
  return { tag, checksum: fullObjectChecksum(algorithm, hex) };
}

/** CRC-64/NVME of a blob in hex. Stored bytes are read once for each of their ranges, zeros never. */
export async function crc64OfBlob(blobs: Blobs, { extents }: Blob): Promise<string> {
  const runs: { size: number; crc64nvme: string }[] = [];
  for (const extent of extents) {
    const crc64nvme =
      extent.kind === 'zeros' ? crc64OfZeros(extent.size) : await crc64OfStored(blobs, extent);
    runs.push({ size: extent.size, crc64nvme });
  }
  return joinCrc64(runs).crc64nvme;
}

const ALL_ONES = 'f'.repeat(16);

/** A CRC-64/NVME starts with all ones and is inverted at the end; in between, zeros only shift it. */
function crc64OfZeros(size: number): string {
  return combineCrc64(ALL_ONES, ALL_ONES, size);
}

type Stored = Extract<Extent, { kind: 'stored' }>;

/** CRCs in hex, by range of each store. */
const known = new WeakMap<Stored['store'], Map<string, string>>();

async function crc64OfStored(blobs: Blobs, extent: Stored): Promise<string> {
  const { store, start, size } = extent;
  const ofStore = known.get(store) ?? new Map<string, string>();
  known.set(store, ofStore);
  const range = `${start}+${size}`;
  const crc = ofStore.get(range) ?? (await readAll(blobs, { size, extents: [extent] }, 'CRC64NVME'));
  ofStore.set(range, crc);
  return crc;
}

async function readAll(blobs: Blobs, blob: Blob, algorithm: ChecksumAlgorithm): Promise<string> {
  const running = await startChecksum(algorithm);
  for await (const chunk of blobs.read(blob)) running.update(chunk);
  return running.hex();
}
