import {
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  type GetObjectAttributesCommandInput,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { rawRequest } from '../testing/raw.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

const Bucket = 'versioned';
let s3: S3UnderTest;
let versions: (string | undefined)[];
beforeAll(async () => {
  s3 = await s3UnderTest({ minPartBytes: 5 });
  const put = (Body: string) =>
    s3.client.send(
      new PutObjectCommand({
        Bucket,
        Key: 'whole',
        Body,
        StorageClass: 'GLACIER',
        ChecksumAlgorithm: 'SHA1',
      }),
    );
  versions = [(await put('older')).VersionId, (await put('the newest')).VersionId];
});
afterAll(() => s3.stop());

const attributes = (Key: string, input: Partial<GetObjectAttributesCommandInput> = {}) =>
  s3.client.send(
    new GetObjectAttributesCommand({
      Bucket,
      Key,
      ObjectAttributes: ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'],
      ...input,
    }),
  );
async function multipart(client: S3Client, Key: string, checksum: { ChecksumAlgorithm?: 'CRC32C' }) {
  const target = { Bucket, Key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ...checksum }));
  const Parts: CompletedPart[] = [];
  for (const PartNumber of [1, 2, 3]) {
    const input = { ...target, UploadId, PartNumber, Body: `part ${PartNumber}`, ...checksum };
    Parts.push({ PartNumber, ...(await client.send(new UploadPartCommand(input))) });
  }
  const MultipartUpload = { Parts };
  await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }));
  return Parts;
}

it('returns the requested attributes, also of an archived object', async () => {
  const found = await attributes('whole');
  expect(found).toMatchObject({
    ETag: expect.stringMatching(/^[0-9a-f]{32}$/),
    Checksum: { ChecksumSHA1: expect.any(String), ChecksumType: 'FULL_OBJECT' },
    StorageClass: 'GLACIER',
    ObjectSize: 10,
    VersionId: versions[1],
    LastModified: expect.any(Date),
  });
  expect(found.ObjectParts).toBeUndefined();
  const {
    $metadata: _,
    LastModified: __,
    ...some
  } = await attributes('whole', {
    ObjectAttributes: ['ObjectSize'],
    VersionId: versions[0],
  });
  expect(some).toEqual({ ObjectSize: 5, VersionId: versions[0] });
});

it('lists the parts of an upload with checksums, page by page', async () => {
  const parts = await multipart(s3.client, 'with checksums', { ChecksumAlgorithm: 'CRC32C' });
  const { Checksum, ObjectParts } = await attributes('with checksums');
  expect(Checksum).toMatchObject({ ChecksumType: 'COMPOSITE' });
  expect(ObjectParts).toMatchObject({ TotalPartsCount: 3, IsTruncated: false, MaxParts: 1000 });
  expect(ObjectParts?.Parts).toEqual(
    parts.map(({ PartNumber, ChecksumCRC32C }) => ({ PartNumber, ChecksumCRC32C, Size: 6 })),
  );
  const page = await attributes('with checksums', { MaxParts: 1, PartNumberMarker: '1' });
  expect(page.ObjectParts).toMatchObject({
    TotalPartsCount: 3,
    IsTruncated: true,
    PartNumberMarker: '1',
    NextPartNumberMarker: '2',
    Parts: [{ PartNumber: 2 }],
  });
});

it('returns only the number of parts uploaded without checksums', async () => {
  await multipart(s3.connect({ requestChecksumCalculation: 'WHEN_REQUIRED' }), 'without checksums', {});
  const { ETag, ObjectParts } = await attributes('without checksums');
  expect(ETag).toMatch(/^[0-9a-f]{32}-3$/);
  expect(ObjectParts).toEqual({ TotalPartsCount: 3 });
});

it('refuses unknown attributes', async () => {
  for (const value of ['ETag,Colour', '', 'ETag,']) {
    const answer = await rawRequest(s3.endpoint, {
      path: `/${Bucket}/whole?attributes`,
      headers: { 'x-amz-object-attributes': value },
    });
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('InvalidArgument') });
  }
  expect(await rawRequest(s3.endpoint, { path: `/${Bucket}/whole?attributes` })).toMatchObject({
    status: 400,
  });
});

it('returns the same error as HEAD for a missing object', async () => {
  expect(await refusalOf(attributes('never'))).toMatchObject({ name: 'NoSuchKey', status: 404 });
  const { VersionId } = await s3.client.send(new DeleteObjectCommand({ Bucket, Key: 'deleted' }));
  const latest = await refusalOf(attributes('deleted'));
  expect(latest).toMatchObject({ status: 404, headers: { 'x-amz-delete-marker': 'true' } });
  expect(await refusalOf(attributes('deleted', { VersionId }))).toMatchObject({ status: 405 });
});
