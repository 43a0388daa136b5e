import { checksumOf, joinCrc64 } from '../checksum/index.ts';
import { manualClock, memoryStore } from './index.ts';

async function uploaded() {
  const store = memoryStore(manualClock().now);
  const { multipart } = store;
  const object = { bucket: 'x', key: 'k' };
  const upload = { ...object, uploadId: await multipart.create({ ...object, contentType: 'text/plain' }) };
  const version = store.upload('x', 'source', Buffer.from('0123456789'));
  const bytes = Buffer.from('first ');
  const parts = [
    await multipart.uploadPart(upload, { number: 1, bytes, crc64nvme: await checksumOf('crc64nvme', bytes) }),
    await multipart.copyPart(upload, 3, {
      ...{ bucket: 'x', key: 'source', versionId: version.versionId },
      ...{ start: 2, end: 5 },
    }),
  ];
  return { store, multipart, upload, parts, whole: joinCrc64(parts) };
}

describe('an upload in memory', () => {
  it('shows nothing until it is completed, and is over then', async () => {
    const { store, multipart, upload, parts, whole } = await uploaded();
    expect(store.versions('x', 'k')).toEqual([]);
    expect(store.uploads()).toEqual([upload]);
    await multipart.complete(upload, parts, whole);
    expect(String(store.versions('x', 'k')[0]?.content)).toBe('first 234');
    expect(store.uploads()).toEqual([]);
    await expect(multipart.complete(upload, parts, whole)).rejects.toMatchObject({ code: 'NoSuchUpload' });
  });

  it('cannot be completed after it was aborted', async () => {
    const { store, multipart, upload, parts, whole } = await uploaded();
    await multipart.abort(upload);
    await expect(multipart.complete(upload, parts, whole)).rejects.toMatchObject({ code: 'NoSuchUpload' });
    await expect(
      multipart.copyPart(upload, 1, { bucket: 'x', key: 'source', start: 0, end: 1 }),
    ).rejects.toMatchObject({ code: 'NoSuchUpload' });
    expect(store.versions('x', 'k')).toEqual([]);
  });

  it('is not completed over an object, only over a delete marker', async () => {
    const { store, multipart, upload, parts, whole } = await uploaded();
    store.upload('x', 'k', Buffer.from('other'));
    await expect(multipart.complete(upload, parts, whole)).rejects.toMatchObject({
      code: 'PreconditionFailed',
    });
    store.addDeleteMarker('x', 'k');
    await multipart.complete(upload, parts, whole);
    expect(store.versions('x', 'k')).toHaveLength(3);
  });

  it.each([
    ['BadDigest', { crc64nvme: '0123456789abcdef' }],
    ['InvalidRequest', { size: 1 }],
  ])('refuses with %s what differs from its parts', async (code, difference) => {
    const { multipart, upload, parts, whole } = await uploaded();
    await expect(multipart.complete(upload, parts, { ...whole, ...difference })).rejects.toMatchObject({
      code,
    });
  });

  it('refuses parts that it does not have, in this order, or with these bytes', async () => {
    const { multipart, upload, parts, whole } = await uploaded();
    await expect(multipart.complete(upload, parts.toReversed(), whole)).rejects.toMatchObject({
      code: 'InvalidPartOrder',
    });
    const [first] = parts.map((part) => ({ ...part, etag: 'another' }));
    await expect(multipart.complete(upload, first ? [first] : [], whole)).rejects.toMatchObject({
      code: 'InvalidPart',
    });
    const part = { number: 1, bytes: Buffer.from('a'), crc64nvme: '0123456789abcdef' };
    await expect(multipart.uploadPart(upload, part)).rejects.toMatchObject({ code: 'BadDigest' });
    const beyond = { bucket: 'x', key: 'source', start: 5, end: 11 };
    await expect(multipart.copyPart(upload, 1, beyond)).rejects.toMatchObject({ code: 'InvalidRange' });
  });
});
