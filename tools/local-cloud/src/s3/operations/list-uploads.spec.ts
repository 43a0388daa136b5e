import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandInput,
  ListPartsCommand,
  type ListPartsCommandInput,
  paginateListParts,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { rawRequest } from '../testing/raw.ts';
import { refusalOf, s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest({ accountId: '111122223333' });
});
afterAll(() => s3.stop());

const create = async (
  Bucket: string,
  Key: string,
  input: Partial<CreateMultipartUploadCommandInput> = {},
) => {
  const { UploadId } = await s3.client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...input }));
  return { Bucket, Key, UploadId };
};
type Target = Awaited<ReturnType<typeof create>>;
const upload = (target: Target, PartNumber: number, Body: string) =>
  s3.client.send(new UploadPartCommand({ ...target, PartNumber, Body, ChecksumAlgorithm: 'SHA256' }));
const list = (input: Partial<ListMultipartUploadsCommandInput> = {}) =>
  s3.client.send(new ListMultipartUploadsCommand({ Bucket: 'plain', ...input }));

describe('the uploads of a bucket', () => {
  const keys = ['a/1', 'a/2', 'a/2', 'a/2', 'b c', 'ü', '📦', '\uff5e'];
  // In S3's order, by bytes: U+FF5E comes before the emoji.
  const sorted = ['a/1', 'a/2', 'a/2', 'a/2', 'b c', 'ü', '\uff5e', '📦'];
  const ids: string[] = [];
  beforeAll(async () => {
    for (const key of keys) ids.push((await create('plain', key)).UploadId ?? '');
  });
  const named = async (input: Partial<ListMultipartUploadsCommandInput>) => {
    const { Uploads = [], CommonPrefixes = [] } = await list(input);
    return { uploads: Uploads.map(({ Key }) => Key), prefixes: CommonPrefixes.map(({ Prefix }) => Prefix) };
  };

  it('are listed by key, then from oldest to newest', async () => {
    const { Uploads = [], IsTruncated } = await list();
    expect(IsTruncated).toBe(false);
    expect(Uploads.map(({ Key }) => Key)).toEqual(sorted);
    expect(Uploads.flatMap(({ Key, UploadId }) => (Key === 'a/2' ? UploadId : []))).toEqual(ids.slice(1, 4));
    expect(Uploads[0]).toMatchObject({
      UploadId: ids[0],
      Initiated: expect.any(Date),
      StorageClass: 'STANDARD',
      Owner: { ID: '111122223333' },
    });
  });

  it.each([1, 2, 3, 7, 1000])('are listed exactly once in pages of %d', async (MaxUploads) => {
    const seen: (string | undefined)[] = [];
    let markers: Partial<ListMultipartUploadsCommandInput> = {};
    for (;;) {
      const page = await list({ MaxUploads, ...markers });
      seen.push(...(page.Uploads ?? []).map(({ UploadId }) => UploadId));
      if (page.IsTruncated !== true) break;
      expect(page.Uploads).toHaveLength(MaxUploads);
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
    expect(seen.toSorted()).toEqual(ids.toSorted());
  });

  it('are listed by prefix, and grouped by a delimiter', async () => {
    expect(await named({ Prefix: 'a/2' })).toEqual({ uploads: ['a/2', 'a/2', 'a/2'], prefixes: [] });
    expect(await named({ Delimiter: '/' })).toEqual({ uploads: sorted.slice(4), prefixes: ['a/'] });
    const page = await list({ Delimiter: '/', MaxUploads: 1 });
    expect(page).toMatchObject({ IsTruncated: true, NextKeyMarker: 'a/' });
    expect(await named({ Delimiter: '/', KeyMarker: 'a/' })).toEqual({
      uploads: sorted.slice(4),
      prefixes: [],
    });
  });

  it('are listed after a key; an upload id without a key is ignored', async () => {
    expect((await named({ KeyMarker: 'a/2' })).uploads).toEqual(sorted.slice(4));
    expect((await named({ UploadIdMarker: ids.at(-1) })).uploads).toEqual(sorted);
  });

  it('are listed with encoded keys on request', async () => {
    const page = await rawRequest(s3.endpoint, { path: '/plain?uploads&encoding-type=url&prefix=b%20' });
    expect(page.body).toContain('<Key>b+c</Key>');
  });

  it('are not listed once completed or aborted', async () => {
    const completed = await create('versioned', 'completed');
    const aborted = await create('versioned', 'aborted');
    const { ETag } = await upload(completed, 1, 'x');
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    expect((await list({ Bucket: 'versioned' })).Uploads).toHaveLength(2);
    await s3.client.send(new CompleteMultipartUploadCommand({ ...completed, MultipartUpload }));
    await s3.client.send(new AbortMultipartUploadCommand(aborted));
    expect((await list({ Bucket: 'versioned' })).Uploads).toBeUndefined();
  });

  it('cannot be listed with an invalid max-uploads', async () => {
    const { status, body } = await rawRequest(s3.endpoint, { path: '/plain?uploads&max-uploads=few' });
    expect(status).toBe(400);
    expect(body).toContain('max-uploads');
  });
});

describe('the parts of an upload', () => {
  let target: Target;
  beforeAll(async () => {
    target = await create('versioned', 'parts', { ChecksumAlgorithm: 'SHA256', StorageClass: 'ONEZONE_IA' });
    for (const number of [7, 1, 3, 2]) await upload(target, number, `part ${number}`);
    await upload(target, 3, 'another part 3');
  });
  const parts = (input: Partial<ListPartsCommandInput> = {}) =>
    s3.client.send(new ListPartsCommand({ ...target, ...input }));

  it('are listed by number, in their latest version', async () => {
    const found = await parts();
    expect(found).toMatchObject({
      ...target,
      ChecksumAlgorithm: 'SHA256',
      ChecksumType: 'COMPOSITE',
      StorageClass: 'ONEZONE_IA',
      Initiator: { ID: '111122223333' },
      IsTruncated: false,
    });
    expect(found.Parts).toMatchObject([
      { PartNumber: 1, Size: 6, ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/) },
      { PartNumber: 2, Size: 6, LastModified: expect.any(Date) },
      { PartNumber: 3, Size: 14, ChecksumSHA256: expect.any(String) },
      { PartNumber: 7, Size: 6 },
    ]);
  });

  it('are listed page by page', async () => {
    expect(await parts({ MaxParts: 2 })).toMatchObject({
      MaxParts: 2,
      IsTruncated: true,
      NextPartNumberMarker: '2',
    });
    const numbers: (number | undefined)[] = [];
    for await (const page of paginateListParts({ client: s3.client, pageSize: 3 }, target)) {
      numbers.push(...(page.Parts ?? []).map(({ PartNumber }) => PartNumber));
    }
    expect(numbers).toEqual([1, 2, 3, 7]);
    expect((await parts({ PartNumberMarker: '7' })).Parts).toBeUndefined();
  });

  it('require an existing upload of this key', async () => {
    expect(await refusalOf(parts({ UploadId: 'none' }))).toMatchObject({ name: 'NoSuchUpload', status: 404 });
    expect(await refusalOf(parts({ Key: 'other' }))).toMatchObject({ name: 'NoSuchUpload', status: 404 });
    expect(await refusalOf(parts({ PartNumberMarker: 'x' }))).toMatchObject({ name: 'InvalidArgument' });
  });
});
