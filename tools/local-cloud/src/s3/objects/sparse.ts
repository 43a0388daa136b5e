import { findBucket } from '../buckets/buckets.ts';
import { S3Error } from '../errors.ts';
import { newRequestIds } from '../http/request.ts';
import type { Service } from '../operation.ts';
import { assemble, type ChosenPart } from './assemble.ts';
import { crc64OfBlob, digestsOfCopy } from './blob-digests.ts';
import { type Blob, concat, zeroBlob } from './blobs.ts';
import { commitOrDiscard } from './changes.ts';
import { NULL_VERSION } from './sequence.ts';

/** An object of zeros with some stretches of other bytes. Only these take space. */
export interface SparseObject {
  /** Name of the bucket. */
  bucket: string;
  key: string;
  /** Bytes, up to S3's maximum of 48.8 TiB. */
  size: number;
  /** In ascending order, without overlaps. */
  stretches: readonly Stretch[];
}

export interface Stretch {
  /** Position of its first byte in the object. */
  offset: number;
  bytes: Iterable<Buffer> | AsyncIterable<Buffer>;
}

export interface StoredSparseObject {
  /** Undefined if the bucket has no versions. */
  versionId: string | undefined;
  /** With quotes. */
  etag: string;
  /** CRC-64/NVME of the whole object, in hex. */
  crc64nvme: string;
}

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const MAX_PARTS = 10_000;
const MAX_OBJECT_BYTES = MAX_PARTS * 5 * GIB;

/**
 * Creates a sparse object as a multipart upload by an external party would, which is the only way into S3 for more than
 * 5 GiB: with parts of a GiB, or of more if 10,000 do not suffice, a full-object CRC-64/NVME, an entity tag that is not
 * an MD5, and the event `ObjectCreated:CompleteMultipartUpload`.
 *
 * @throws S3Error NoSuchBucket, EntityTooLarge
 * @throws RangeError if the stretches overlap, are not in order, or reach beyond the object
 */
export async function putSparse(
  service: Service,
  { bucket: name, key, size, stretches }: SparseObject,
): Promise<StoredSparseObject> {
  const bucket = findBucket(service.buckets, name);
  if (size > MAX_OBJECT_BYTES)
    throw new S3Error('EntityTooLarge', { details: { ProposedSize: String(size) } });
  const { blobs } = service;
  const whole = await layOut(service, size, stretches);
  const crc64nvme = await crc64OfBlob(blobs, whole);
  const parts: ChosenPart[] = [];
  const partBytes = Math.max(GIB, Math.ceil(size / MAX_PARTS / MIB) * MIB);
  for (let start = 0; start < size || parts.length === 0; start += partBytes) {
    const blob = blobs.share(whole, start, Math.min(size, start + partBytes));
    parts.push({ number: parts.length + 1, blob, ...(await digestsOfCopy(blobs, blob, 'CRC64NVME')) });
  }
  blobs.discard(whole); // The parts share its bytes.
  const draft = {
    headers: { 'content-type': 'binary/octet-stream' },
    metadata: {},
    storageClass: 'STANDARD' as const,
    tags: new Map<string, string>(),
    ...(await assemble(blobs, parts)),
  };
  const request = { accessKeyId: undefined, sourceIp: '127.0.0.1', ids: newRequestIds() };
  const { versionId, etag } = commitOrDiscard(
    { service, bucket, key, request },
    draft,
    { kind: 'none' },
    'ObjectCreated:CompleteMultipartUpload',
  );
  return { versionId: versionId === NULL_VERSION ? undefined : versionId, etag, crc64nvme };
}

async function layOut({ blobs }: Service, size: number, stretches: readonly Stretch[]): Promise<Blob> {
  const laid: Blob[] = [];
  let end = 0;
  try {
    for (const { offset, bytes } of stretches) {
      if (offset < end)
        throw new RangeError(`a stretch at ${offset} begins before ${end}, where the last one ends`);
      const stretch = await blobs.write(chunksOf(bytes));
      laid.push(zeroBlob(offset - end), stretch);
      end = offset + stretch.size;
    }
    if (end > size) throw new RangeError(`a stretch ends at ${end}, after the object's ${size} bytes`);
  } catch (error) {
    laid.forEach(blobs.discard);
    throw error;
  }
  return concat([...laid, zeroBlob(size - end)]);
}

async function* chunksOf(bytes: Stretch['bytes']): AsyncGenerator<Buffer> {
  yield* bytes;
}
