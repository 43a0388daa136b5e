import { createHash } from 'node:crypto';
import { bundleKey } from '../bundle-key/index.ts';
import { memoryListing } from '../testing/memory-listing.ts';
import { type Manifest, manifestKey, serializeManifest } from '../manifest/index.ts';
import { manualClock, memoryStore } from '../testing/index.ts';
import { versionsOfKey } from '../s3/index.ts';
import { bundlesBetween, bundlesContaining, readManifest } from './index.ts';

const NINE = Date.UTC(2026, 10, 22, 9);
const MINUTE = 60_000;
const sha256 = createHash('sha256').update('x').digest('hex');

/** The key of a bundle started the given minutes after nine, in the previous form: its name starts with the time. */
const keyBefore = (begun: number) =>
  bundleKey(NINE + begun * MINUTE, '0'.repeat(16), '.tar.gz').replace('/bundle-', '/');

/** An archive for which tests store manifests; listings have pages of three. */
function setUp() {
  const clock = manualClock(NINE);
  const store = memoryStore(clock.now);
  const dependencies = {
    clock,
    store,
    listing: memoryListing(store, 3),
    random: () => 0.5,
    archive: 'archive',
  };
  let count = 0;
  /** Stores the manifest of a bundle; both times are minutes after nine. */
  const describeBundle = (begun: number, described: number, ...keys: string[]): string => {
    const key = bundleKey(NINE + begun * MINUTE, String(++count).padStart(16, '0'), '.tar.gz');
    return describeKey(key, described, ...keys);
  };
  /** The same for a bundle of a group. */
  const describeGrouped = (group: string, begun: number, described: number, ...keys: string[]): string => {
    const random = String(++count).padStart(16, '0');
    return describeKey(bundleKey(NINE + begun * MINUTE, random, '.tar.gz', group), described, ...keys);
  };
  const describeKey = (key: string, described: number, ...keys: string[]): string => {
    const manifest: Manifest = {
      bundle: { bucket: 'd', key, size: 1, sha256, format: 'tar.gz', createdAt: NINE },
      members: (keys.length > 0 ? keys : ['some']).map((member) => ({
        bucket: 'landing',
        key: member,
        version: { kind: 'id', versionId: 'v1' },
        etag: 'e',
        name: member,
        size: 1,
        sha256,
        lastModified: NINE,
        landedAt: NINE,
      })),
    };
    clock.advance(NINE + described * MINUTE - clock.now());
    store.upload('archive', manifestKey(key), Buffer.from(serializeManifest(manifest)));
    return key;
  };
  const between = async (from: number, to: number, after?: string, group?: string) => {
    const found: string[] = [];
    const range = { from: NINE + from * MINUTE, to: NINE + to * MINUTE, group };
    for await (const { bundle } of bundlesBetween(range, after, dependencies)) found.push(bundle);
    return found;
  };
  return { store, dependencies, describeBundle, describeGrouped, describeKey, between };
}

describe('bundlesBetween', () => {
  it('finds the bundles whose manifests were stored in the range, across pages', async () => {
    const { describeBundle, between } = setUp();
    const bundles = [0, 10, 59, 61, 62, 63, 130, 200].map((minute) => describeBundle(minute, minute));
    await expect(between(0, 201)).resolves.toEqual(bundles);
    await expect(between(10, 130)).resolves.toEqual(bundles.slice(1, 6));
    await expect(between(201, 900)).resolves.toEqual([]);
  });

  it('reads no page after the range', async () => {
    const { describeBundle, between, dependencies } = setUp();
    for (let minute = 0; minute < 30; minute++) describeBundle(minute, minute);
    const pages = jest.spyOn(dependencies.listing, 'objects');
    await between(0, 5);
    expect(pages).toHaveBeenCalledTimes(2);
  });

  it('selects by when the manifest was stored, not by when the bundle was started', async () => {
    const { describeBundle, between } = setUp();
    const bundle = describeBundle(59, 61);
    await expect(between(0, 60)).resolves.toEqual([]);
    await expect(between(60, 90)).resolves.toEqual([bundle]);
  });

  it('reads no hour after the range if all keys have the previous form', async () => {
    const { describeKey, between, dependencies } = setUp();
    for (let hour = 0; hour < 24; hour++) describeKey(keyBefore(hour * 60), hour * 60);
    const pages = jest.spyOn(dependencies.listing, 'objects');
    await expect(between(0, 61)).resolves.toEqual([keyBefore(0), keyBefore(60)]);
    expect(pages).toHaveBeenCalledTimes(1);
  });

  it('finds keys of the previous form among those of the current form, in every hour', async () => {
    const { describeBundle, describeKey, between } = setUp();
    const [five, fifty] = [5, 50].map((begun) => describeKey(keyBefore(begun), begun));
    const [ten, seventy] = [describeBundle(10, 10), describeBundle(70, 70)];
    await expect(between(0, 30)).resolves.toEqual([five, ten]);
    // In the order of the listing, so that a caller can continue after any of them.
    await expect(between(0, 90)).resolves.toEqual([five, fifty, ten, seventy]);
    await expect(between(0, 90, fifty)).resolves.toEqual([ten, seventy]);
  });

  it('continues after a bundle', async () => {
    const { describeBundle, between } = setUp();
    const bundles = [1, 2, 3, 4, 5].map((minute) => describeBundle(minute, minute));
    await expect(between(0, 60, bundles[1])).resolves.toEqual(bundles.slice(2));
    await expect(between(0, 60, bundles[4])).resolves.toEqual([]);
  });

  it('finds the bundles of every group, after those without one, and continues after any of them', async () => {
    const { describeBundle, describeGrouped, between } = setUp();
    const groups = ['0-early', 'b', 'tar', '_ungrouped', 'late---0123456789abcdef0123456789abcdef'];
    const plain = [1, 2, 50].map((minute) => describeBundle(minute, minute));
    for (const group of groups) for (const minute of [3, 4, 5, 70]) describeGrouped(group, minute, minute);
    const found = await between(0, 60);
    expect(found).toHaveLength(3 + groups.length * 3);
    expect(found.slice(0, 3)).toEqual(plain);
    expect(found.slice(3)).toEqual([...found.slice(3)].sort());
    for (const [index, bundle] of found.entries()) {
      await expect(between(0, 60, bundle)).resolves.toEqual(found.slice(index + 1));
    }
    await expect(between(60, 90)).resolves.toHaveLength(groups.length);
  });

  it('finds the bundles of one group only, in the pages of that group only', async () => {
    const { describeBundle, describeGrouped, between, dependencies } = setUp();
    describeBundle(1, 1);
    const wanted = describeGrouped('a', 1, 1);
    describeGrouped('a.b', 1, 1);
    describeGrouped('b', 1, 1);
    const pages = jest.spyOn(dependencies.listing, 'objects');
    await expect(between(0, 60, undefined, 'a')).resolves.toEqual([wanted]);
    expect(pages).toHaveBeenCalledTimes(1);
    await expect(between(0, 60, undefined, 'none')).resolves.toEqual([]);
  });

  it('finds bundles on both sides of a new year', async () => {
    const { describeKey, between } = setUp();
    const year = (Date.UTC(2027, 0) - NINE) / MINUTE;
    const keys = [year - 1, year + 1].map((at) =>
      describeKey(bundleKey(NINE + at * MINUTE, '0'.repeat(16), '.tar.gz'), at),
    );
    await expect(between(year - 5, year + 5)).resolves.toEqual(keys);
    await expect(between(year - 5, year)).resolves.toEqual(keys.slice(0, 1));
    await expect(between(year, year + 5)).resolves.toEqual(keys.slice(1));
  });

  it('ignores keys that are not manifests', async () => {
    const { describeBundle, between, store } = setUp();
    const bundle = describeBundle(1, 1);
    store.upload('archive', 'manifests/bundles/2026/11/22/09/notes.txt', Buffer.from('x'));
    store.upload('archive', 'bundles/2026/11/22/09/a.tar.gz', Buffer.from('x'));
    await expect(between(0, 60)).resolves.toEqual([bundle]);
  });
});

describe('readManifest', () => {
  it('returns the manifest, or undefined if there is none', async () => {
    const { describeBundle, dependencies } = setUp();
    const bundle = describeBundle(1, 1, 'a', 'b');
    const manifest = await readManifest(bundle, 'archive', dependencies);
    expect(manifest?.members.map(({ key }) => key)).toEqual(['a', 'b']);
    await expect(readManifest('bundles/none', 'archive', dependencies)).resolves.toBeUndefined();
  });

  it('does not report a broken manifest as missing', async () => {
    const { dependencies, store } = setUp();
    store.upload('archive', manifestKey('bundles/K'), Buffer.from('{'));
    await expect(readManifest('bundles/K', 'archive', dependencies)).rejects.toThrow('is not JSON');
  });
});

describe('bundlesContaining', () => {
  it('finds every bundle that contains a version of the key', async () => {
    const { describeBundle, dependencies } = setUp();
    const first = describeBundle(1, 1, 'a', 'b');
    describeBundle(2, 2, 'b');
    const third = describeBundle(3, 3, 'a');
    const found: string[] = [];
    const range = { from: NINE, to: NINE + 60 * MINUTE };
    for await (const { bundle, member } of bundlesContaining('a', range, dependencies)) {
      found.push(`${bundle} ${member.key}`);
    }
    expect(found).toEqual([`${first} a`, `${third} a`]);
  });
});

describe('versionsOfKey', () => {
  it('returns the versions of exactly this key, newest first, without delete markers', async () => {
    const { store, dependencies } = setUp();
    const put = (key: string) => store.upload('landing', key, Buffer.from('x')).versionId;
    const ids = ['a', 'a', 'a', 'a', 'a'].map(put);
    put('a/b');
    put('a-b');
    store.addDeleteMarker('landing', 'a');
    const versions = await versionsOfKey('landing', 'a', dependencies);
    expect(versions.map(({ version }) => version.versionId)).toEqual(ids.toReversed());
    await expect(versionsOfKey('landing', 'b', dependencies)).resolves.toEqual([]);
  });
});
