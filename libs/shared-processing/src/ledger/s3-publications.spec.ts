import { CallError } from '../errors/index.ts';
import { type Manifest, manifestKey, serializeManifest } from '../manifest/index.ts';
import { landedVersion, manualClock, memoryStore } from '../testing/index.ts';
import { createPublications, createUploads, objectIdOf } from './index.ts';

const buckets = { distribution: 'distribution', archive: 'archive' };
const member = { ...landedVersion('a'), etag: 'e', name: 'a', size: 1, sha256: 'a'.repeat(64) };
const manifest: Manifest = {
  bundle: {
    bucket: 'distribution',
    key: 'K',
    size: 1,
    sha256: 'b'.repeat(64),
    format: 'tar.gz',
    createdAt: 0,
  },
  members: [{ ...member, lastModified: 0, landedAt: 0 }],
};

function setUp() {
  const clock = manualClock();
  const store = memoryStore(clock.now);
  const rules = { clock, random: () => 0.5 };
  store.upload('archive', manifestKey('K'), Buffer.from(serializeManifest(manifest)));
  return { store, rules, publications: createPublications(store, buckets, rules) };
}

describe('publications', () => {
  it('of a bundle that S3 has or had are the members in its manifest', async () => {
    const { store, publications } = setUp();
    store.upload('distribution', 'K', Buffer.from('x'));
    const members = new Set([objectIdOf(member)]);
    await expect(publications.membersOf('K')).resolves.toEqual(members);
    store.addDeleteMarker('distribution', 'K');
    await expect(publications.membersOf('K')).resolves.toEqual(members);
  });

  it('of a bundle that S3 never had are none, whatever its manifest says', async () => {
    await expect(setUp().publications.membersOf('K')).resolves.toBeUndefined();
  });
});

describe('uploads', () => {
  it('cannot be completed once they are aborted, which is retried', async () => {
    const { store, rules } = setUp();
    const object = { bucket: 'distribution', key: 'K' };
    const uploadId = await store.multipart.create({ ...object, contentType: 'application/gzip' });
    let attempts = 0;
    const uploads = createUploads(
      {
        async abort(upload) {
          if (++attempts === 1) throw new CallError('ABORT', { outcome: 'unknown', code: 'ECONNRESET' });
          await store.multipart.abort(upload);
        },
      },
      buckets,
      rules,
    );
    await uploads.abort('K', uploadId);
    expect(attempts).toBe(2);
    expect(store.uploads()).toEqual([]);
  });
});
