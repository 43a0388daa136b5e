import { createHash, randomBytes } from 'node:crypto';
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { checksumOf, combineCrc64, joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { rawRequest } from '../testing/raw.ts';
import type { StoredSparseObject } from './sparse.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const TB = 1e12;
const Bucket = 'versioned';
let s3: S3UnderTest;
let stored: StoredSparseObject;
beforeAll(async () => {
  s3 = await s3UnderTest();
  s3.createBucket({ name: 'archive', versioning: true });
  stored = await put('sparse');
});
afterAll(() => s3.stop());

const zerosCrc = (size: number) => combineCrc64('f'.repeat(16), 'f'.repeat(16), size);
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');
const range = async (Key: string, first: number, last: number, inBucket = Bucket) => {
  const Range = `bytes=${first}-${last}`;
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: inBucket, Key, Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

/** An object of 5 TB with a stretch at each end of it and one across a boundary between two GiB. */
const size = 5 * TB;
const stretches = [0, 3 * GIB - 1000, size - 2000].map((offset) => ({ offset, bytes: randomBytes(2000) }));
const put = (key: string): Promise<StoredSparseObject> =>
  s3.putSparse({
    bucket: Bucket,
    key,
    size,
    stretches: stretches.map(({ offset, bytes }) => ({ offset, bytes: [bytes] })),
  });
const expectedCrc = async () => {
  const runs: { size: number; crc64nvme: string }[] = [];
  let end = 0;
  for (const { offset, bytes } of stretches) {
    runs.push({ size: offset - end, crc64nvme: zerosCrc(offset - end) });
    runs.push({ size: bytes.length, crc64nvme: await checksumOf('crc64nvme', bytes) });
    end = offset + bytes.length;
  }
  return joinCrc64(runs).crc64nvme;
};

describe('a sparse object of 5 TB', () => {
  it('looks like a completed multipart upload, and takes no space', async () => {
    const { versionId, etag, crc64nvme } = stored;
    expect(crc64nvme).toBe(await expectedCrc());
    const head = { Bucket, Key: 'sparse', ChecksumMode: 'ENABLED' } as const;
    expect(await s3.client.send(new HeadObjectCommand(head))).toMatchObject({
      ContentLength: size,
      VersionId: versionId,
      ETag: etag,
      ChecksumCRC64NVME: base64(crc64nvme),
      ChecksumType: 'FULL_OBJECT',
    });
    expect(etag).toMatch(/-4657"$/);
    expect(s3.events.at(-1)).toMatchObject({
      name: 'ObjectCreated:CompleteMultipartUpload',
      size,
      etag: etag.slice(1, -1),
      versionId,
    });
    expect(await s3.client.send(new HeadObjectCommand({ ...head, PartNumber: 4657 }))).toMatchObject({
      PartsCount: 4657,
      ContentRange: `bytes ${4656 * GIB}-${size - 1}/${size}`,
    });
    expect(s3.files()).toEqual([]);
  });

  it('is read by ranges anywhere', async () => {
    for (const { offset, bytes } of stretches) {
      expect((await range('sparse', offset, offset + 1999)).equals(bytes)).toBe(true);
    }
    const [, middle] = stretches;
    const around = Buffer.concat([Buffer.alloc(MIB), middle?.bytes ?? Buffer.of(), Buffer.alloc(MIB)]);
    const first = 3 * GIB - 1000 - MIB;
    expect((await range('sparse', first, first + around.length - 1)).equals(around)).toBe(true);
    expect(await range('sparse', 4 * TB, 4 * TB + 9)).toEqual(Buffer.alloc(10));
  });

  it('is copied by parts with the checksum of the whole, without its bytes, and outlives its source', async () => {
    const source = await put('source');
    const target = { Bucket: 'plain', Key: 'copy' };
    const { UploadId } = await s3.client.send(
      new CreateMultipartUploadCommand({
        ...target,
        ChecksumAlgorithm: 'CRC64NVME',
        ChecksumType: 'FULL_OBJECT',
      }),
    );
    const firsts = Array.from({ length: Math.ceil(size / (5 * GIB)) }, (_, index) => index * 5 * GIB);
    const copied = await mapConcurrently(firsts, 16, async (first) => {
      const PartNumber = first / (5 * GIB) + 1;
      const last = Math.min(first + 5 * GIB, size) - 1;
      const { CopyPartResult } = await s3.client.send(
        new UploadPartCopyCommand({
          ...target,
          UploadId,
          PartNumber,
          CopySource: `${Bucket}/source?versionId=${source.versionId}`,
          CopySourceRange: `bytes=${first}-${last}`,
        }),
      );
      const crc64nvme = Buffer.from(CopyPartResult?.ChecksumCRC64NVME ?? '', 'base64').toString('hex');
      return { size: last - first + 1, crc64nvme, PartNumber, ETag: CopyPartResult?.ETag };
    });
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'source', VersionId: source.versionId }));
    expect(joinCrc64(copied)).toEqual({ size, crc64nvme: source.crc64nvme });
    const Parts = copied.map(({ PartNumber, ETag }): CompletedPart => ({ PartNumber, ETag }));
    const complete = (crc: string) =>
      s3.client.send(
        new CompleteMultipartUploadCommand({
          ...target,
          UploadId,
          MultipartUpload: { Parts },
          ChecksumCRC64NVME: base64(crc),
          MpuObjectSize: size,
        }),
      );
    expect(await refusalOf(complete(zerosCrc(size)))).toMatchObject({ name: 'BadDigest' });
    await complete(source.crc64nvme);
    for (const { offset, bytes } of stretches) {
      expect((await range('copy', offset, offset + 1999, 'plain')).equals(bytes)).toBe(true);
    }
  });

  it('is replicated', async () => {
    const { versionId = '', etag } = stored;
    await s3.replicate({ bucket: Bucket, key: 'sparse', versionId, to: 'archive' });
    expect(await s3.client.send(new HeadObjectCommand({ Bucket: 'archive', Key: 'sparse' }))).toMatchObject({
      ContentLength: size,
      ETag: etag,
      ReplicationStatus: 'REPLICA',
    });
    expect((await range('sparse', 0, 1999, 'archive')).equals(stretches[0]?.bytes ?? Buffer.of())).toBe(true);
  });

  it('cannot be copied at once', async () => {
    const copying = new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/sparse` });
    expect(await refusalOf(s3.client.send(copying))).toMatchObject({ name: 'InvalidRequest' });
  });
});

describe('a sparse object', () => {
  const MAX = 10_000 * 5 * GIB;

  it('can have any size up to 48.8 TiB', async () => {
    await s3.putSparse({ bucket: 'plain', key: 'empty', size: 0, stretches: [] });
    expect(await s3.client.send(new HeadObjectCommand({ Bucket: 'plain', Key: 'empty' }))).toMatchObject({
      ContentLength: 0,
    });
    const { versionId, etag } = await s3.putSparse({ bucket: 'plain', key: 'max', size: MAX, stretches: [] });
    expect({ versionId, etag }).toEqual({ versionId: undefined, etag: expect.stringMatching(/-10000"$/) });
    const tooLarge = s3.putSparse({ bucket: 'plain', key: 'more', size: MAX + 1, stretches: [] });
    await expect(tooLarge).rejects.toMatchObject({ code: 'EntityTooLarge' });
  });

  it.each([
    ['overlap', [0, 1]],
    ['are not in order', [5, 0]],
    ['reach beyond its end', [9]],
  ])('is refused if its stretches %s', async (_, offsets) => {
    const before = s3.files();
    const input = offsets.map((offset) => ({ offset, bytes: [Buffer.from('ab')] }));
    const object = { bucket: 'plain', key: 'refused', size: 10, stretches: input };
    await expect(s3.putSparse(object)).rejects.toThrow(RangeError);
    expect(s3.files()).toEqual(before);
  });
});

describe('zeros in an upload', () => {
  it('take no space, and are read and copied like other bytes', async () => {
    const files = s3.files().length;
    const Body = Buffer.alloc(20 * MIB);
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'zeros', Body }));
    expect(s3.files()).toHaveLength(files);
    Body.fill('some text ', 3 * MIB, 7 * MIB + 5);
    Body.fill('and some more ', 12 * MIB - 1, 13 * MIB);
    await s3.client.send(new PutObjectCommand({ Bucket, Key: 'mixed', Body }));
    expect(s3.files()).toHaveLength(files + 1);
    await s3.client.send(
      new CopyObjectCommand({ Bucket: 'plain', Key: 'mixed', CopySource: `${Bucket}/mixed` }),
    );
    await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'mixed' }));
    const { Body: read, ETag } = await s3.client.send(
      new GetObjectCommand({ Bucket: 'plain', Key: 'mixed', ChecksumMode: 'ENABLED' }),
    );
    expect(Body.equals((await read?.transformToByteArray()) ?? Buffer.of())).toBe(true);
    expect(ETag).toBe(`"${createHash('md5').update(Body).digest('hex')}"`);
    const middle = [7 * MIB, 12 * MIB + 9] as const;
    expect((await range('mixed', ...middle, 'plain')).equals(Body.subarray(middle[0], middle[1] + 1))).toBe(
      true,
    );
  });
});

it('refuses to upload more than 5 GiB at once', async () => {
  const { status, body } = await rawRequest(s3.endpoint, {
    method: 'PUT',
    path: '/plain/too-large',
    headers: { 'content-length': String(5 * GIB + 1), expect: '100-continue' },
  }).catch((error: unknown) => ({ status: undefined, body: String(error) }));
  expect({ status, body }).toEqual({ status: 400, body: expect.stringContaining('EntityTooLarge') });
});
