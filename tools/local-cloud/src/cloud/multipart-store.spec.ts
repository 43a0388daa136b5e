import { randomBytes } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { checksumOf, joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import {
  createMultipartStore,
  createS3Client,
  MIN_PART_BYTES,
  type MultipartStore,
  type Upload,
} from '@data-aggregator/shared-processing/s3';
import { startCloud, type Cloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

/*
 * The multipart store that functions use, against the embedded S3 with signatures: what it signs and sends is what S3 accepts.
 */

const region = 'eu-central-1';
let cloud: Cloud;
let s3: S3Client;
let store: MultipartStore;
let bucket: string;
const environment = { ...process.env };

beforeAll(async () => {
  cloud = await startCloud({ assembly: writeAssembly(fixture), region });
  s3 = new S3Client({ ...cloud.clientConfig(), maxAttempts: 1 });
  bucket = cloud.buckets['archive'] ?? '';
  const { accessKeyId, secretAccessKey } = cloud.credentials.admin;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  });
  store = createMultipartStore(createS3Client({ maxSockets: 4 }), { maxSockets: 4 });
});
afterAll(async () => {
  process.env = environment;
  await cloud.stop();
});

const first = randomBytes(MIN_PART_BYTES);
const source = randomBytes(2 * MIN_PART_BYTES);
const last = Buffer.from('the end');
const whole = Buffer.concat([first, source, last]);
const key = (name: string) => `bundles/a b+ü/${name}`;

async function begin(name: string): Promise<Upload> {
  const object = { bucket, key: key(name) };
  const uploadId = await store.create({
    ...object,
    contentType: 'application/x-tar',
    metadata: { members: '1' },
  });
  return { ...object, uploadId };
}

async function put(upload: Upload, number: number, bytes: Uint8Array) {
  return store.uploadPart(upload, { number, bytes, crc64nvme: await checksumOf('crc64nvme', bytes) });
}

/** An upload of two uploaded parts and a copied one between them. */
async function uploaded(name: string) {
  const upload = await begin(name);
  const { VersionId = '' } = await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: key('source'), Body: source }),
  );
  const from = { bucket, key: key('source'), versionId: VersionId, start: 0, end: source.length };
  const parts = [
    await put(upload, 1, first),
    await store.copyPart(upload, 2, from),
    await put(upload, 3, last),
  ];
  return { upload, parts, joined: joinCrc64(parts) };
}

describe('an upload in parts', () => {
  it('becomes an object with the checksum of the whole', async () => {
    const { upload, parts, joined } = await uploaded('whole');
    expect(joined).toEqual({ size: whole.length, crc64nvme: await checksumOf('crc64nvme', whole) });
    await store.complete(upload, parts, joined);
    const object = { Bucket: bucket, Key: upload.key };
    const stored = await s3.send(new GetObjectCommand(object));
    expect(whole.equals((await stored.Body?.transformToByteArray()) ?? new Uint8Array())).toBe(true);
    await expect(
      s3.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' })),
    ).resolves.toMatchObject({
      ContentType: 'application/x-tar',
      Metadata: { members: '1' },
      ChecksumType: 'FULL_OBJECT',
      ChecksumCRC64NVME: Buffer.from(joined.crc64nvme, 'hex').toString('base64'),
    });
  });

  it('is not completed over an existing object', async () => {
    const { upload, parts, joined } = await uploaded('taken');
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: upload.key, Body: 'first' }));
    await expect(store.complete(upload, parts, joined)).rejects.toMatchObject({
      outcome: 'refused',
      code: 'PreconditionFailed',
    });
  });

  it.each([
    ['checksum', { crc64nvme: '0123456789abcdef' }, 'BadDigest'],
    ['size', { size: 7 }, 'InvalidRequest'],
  ])('is not completed with another %s', async (_what, difference, code) => {
    const { upload, parts, joined } = await uploaded('different');
    await expect(store.complete(upload, parts, { ...joined, ...difference })).rejects.toMatchObject({ code });
  });

  it('is not completed after it was aborted, as often as that happens', async () => {
    const { upload, parts, joined } = await uploaded('aborted');
    await store.abort(upload);
    await store.abort(upload);
    await expect(store.complete(upload, parts, joined)).rejects.toMatchObject({ code: 'NoSuchUpload' });
    await expect(put(upload, 4, last)).rejects.toMatchObject({ code: 'NoSuchUpload' });
  });

  it('stays an object if it is aborted after it was completed', async () => {
    const { upload, parts, joined } = await uploaded('completed');
    await store.complete(upload, parts, joined);
    await store.abort(upload);
    await expect(s3.send(new HeadObjectCommand({ Bucket: bucket, Key: upload.key }))).resolves.toBeDefined();
  });

  it('refuses a part whose bytes differ from its checksum', async () => {
    const upload = await begin('corrupted');
    const part = { number: 1, bytes: first, crc64nvme: await checksumOf('crc64nvme', last) };
    await expect(store.uploadPart(upload, part)).rejects.toMatchObject({ code: 'BadDigest' });
  });

  it('copies only from an unchanged object', async () => {
    const upload = await begin('changed');
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key('source'), Body: source }));
    const from = { bucket, key: key('source'), ifMatch: 'another', start: 0, end: 100 };
    await expect(store.copyPart(upload, 1, from)).rejects.toMatchObject({ code: 'PreconditionFailed' });
  });
});
