import { memberHeader, padding } from '@data-aggregator/bundling/tar';
import type { ObjectStatus } from '@data-aggregator/shared-processing/ledger';
import {
  type Manifest,
  ManifestError,
  manifestKey,
  type ManifestMember,
} from '@data-aggregator/shared-processing/manifest';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import type { ObjectListing } from '@data-aggregator/shared-processing/s3';
import {
  manualClock,
  memoryListing,
  memoryStore,
  memoryTable,
} from '@data-aggregator/shared-processing/testing';
import type { BundleDetail } from '../api.ts';
import { type BundleQueries, bundleStateOf, type Delivery } from './bundles.ts';
import type { Environment } from './environment.ts';
import { adviceOn, offsetOf, readFile, searchFiles, timelineOf } from './file.ts';

const NOW = Date.UTC(2026, 10, 26, 9);
const BUNDLE = 'bundles/2026/11/26/08/bundle-20261126T085900Z-0123456789abcdef.tar.gz';

const known = (status: Parameters<typeof timelineOf>[0]['status'], ageSeconds: number) => ({
  version: {
    bucket: 'landing',
    key: 'a',
    version: { kind: 'id' as const, versionId: 'v' },
    size: 1,
    etag: 'e',
    landedAt: NOW - ageSeconds * 1000,
  },
  status,
  now: NOW,
});
const until = NOW + 50_000;

it.each<[string, ObjectStatus, number, string[], RegExp | undefined]>([
  ['just landed', { kind: 'nowhere' }, 10, ['done', 'current', 'pending', 'pending', 'pending'], undefined],
  [
    'waiting for long',
    { kind: 'nowhere' },
    600,
    ['done', 'unknown', 'pending', 'pending', 'pending'],
    /landed 10 min ago and is in no bundle/,
  ],
  [
    'being bundled',
    { kind: 'busy', bundle: BUNDLE, until },
    20,
    ['done', 'done', 'done', 'done', 'current'],
    undefined,
  ],
  [
    'bundled for too long',
    { kind: 'busy', bundle: BUNDLE, until },
    300,
    ['done', 'done', 'done', 'done', 'current'],
    /another takes over after/,
  ],
  [
    'refused',
    { kind: 'quarantined', reason: 'unsafe-key', since: NOW },
    20,
    ['done', 'done', 'done', 'failed', 'pending'],
    /no safe name/,
  ],
  [
    'undecided',
    { kind: 'unknown', bundle: BUNDLE, cause: 'S3 is down' },
    20,
    ['done', 'done', 'done', 'done', 'pending'],
    /S3 is down/,
  ],
])('a file that is %s', (_what, status, age, states, problem) => {
  const about = known(status, age);
  const timeline = timelineOf(about);
  expect(timeline).toHaveLength(9);
  expect(timeline.slice(0, 5).map(({ state }) => state)).toEqual(states);
  expect(timeline.slice(6).every(({ state }) => state === 'pending')).toBe(true);
  const advice = adviceOn(about);
  if (problem) expect(advice?.problem).toMatch(problem);
  else expect(advice).toBeUndefined();
});

it('that was delivered needs advice only while its bundle waits for long', () => {
  const about = (waited: number) => ({
    ...known({ kind: 'delivered', bundle: BUNDLE }, 5_000),
    delivery: {
      history: { isPresent: true, publishedAt: NOW - waited * 1000 },
      ...{ isArchived: true, receipt: {} },
    },
  });
  expect(adviceOn(about(60))).toBeUndefined();
  expect(adviceOn(about(4_000))?.problem).toBe('Its bundle has waited for the consumer for 67 min.');
});

it('without a version id is neither called lost nor delivered, because the ledger cannot be asked', () => {
  const about = known({ kind: 'unversioned' }, 600);
  expect(timelineOf(about).map(({ state }) => state)).toEqual(['done', ...Array(8).fill('unknown')]);
  expect(adviceOn(about)?.steps.map(({ label }) => label)).toEqual([expect.stringContaining('ops:find')]);
});

const HOUR = 3_600_000;
const receipt = { onDiskAt: NOW, consumer: 'inbox', members: 1, layout: 'bundle' };

it.each<
  [string, Partial<Delivery['history']>, Delivery['receipt'], BundleDetail['state'], string[], boolean]
>([
  ['waits', { isPresent: true }, {}, 'waiting', ['current', 'pending'], true],
  ['was soon deleted', { takenAt: NOW - 20 * HOUR }, {}, 'taken', ['done', 'skipped'], false],
  ['was deleted after days', { takenAt: NOW }, {}, 'taken-or-expired', ['unknown', 'unknown'], true],
  ['was deleted after days, with a receipt', { takenAt: NOW }, { receipt }, 'taken', ['done', 'done'], false],
  ['has no version any more', {}, {}, 'taken-or-expired', ['unknown', 'unknown'], false],
  ['has no version any more, but a receipt', {}, { receipt }, 'taken', ['done', 'done'], false],
])('whose bundle %s', (_what, part, stored, state, steps, isAdvised) => {
  const hasVersion = part.isPresent || part.takenAt !== undefined;
  const history = { isPresent: false, ...(hasVersion && { publishedAt: NOW - 40 * HOUR }), ...part };
  const delivery = { history, isArchived: true, receipt: stored };
  expect(bundleStateOf(delivery)).toBe(state);
  const about = { ...known({ kind: 'delivered', bundle: BUNDLE }, 40 * 3_600), delivery };
  expect(timelineOf(about).map(({ state }) => state)).toEqual([
    ...['done', 'done', 'done', 'done', 'unknown', 'done', 'done'],
    ...steps,
  ]);
  expect(adviceOn(about) !== undefined).toBe(isAdvised);
});

it.each([
  [10 * 60_000, 'current'],
  [2 * HOUR, 'unknown'],
])('without a replica %d ms after its bundle was published', (age, state) => {
  const history = { isPresent: true, publishedAt: NOW - age };
  const about = {
    ...known({ kind: 'delivered', bundle: BUNDLE }, age / 1000),
    delivery: { history, isArchived: false, receipt: {} },
  };
  expect(timelineOf(about)[6]?.state).toBe(state);
});

/** Reads the report of a key that has versions with these ids, none of which the ledger knows. */
async function report(versionIds: readonly string[], search: () => Promise<object>, now = () => NOW) {
  const versions = versionIds.map((versionId) => ({
    ...{ key: 'a', versionId, size: 1, etag: 'e', lastModified: NOW - HOUR },
  }));
  const clock = { ...manualClock(), now };
  const environment = {
    ...{ clock, random: () => 0.5, table: memoryTable(), maxConcurrentReads: 1, name: 'dev' },
    ...{ functionNames: ['aggregator'], resources: { buckets: { landing: 'landing' } } },
    listing: { versions: async () => ({ versions }) },
    logs: { send: search },
  };
  const { versions: shown, ...rest } = await readFile(
    'a',
    {} as BundleQueries,
    environment as unknown as Environment,
  );
  return { shown, ...rest };
}

it('tells versions without an id from those that are in no bundle, and counts those that it leaves out', async () => {
  const few = await report(['v', 'null'], async () => ({}));
  expect(few.shown.map(({ where }) => where)).toEqual(['nowhere', 'unknown']);
  expect(few.olderVersions).toBeUndefined();
  const many = await report(Array.from({ length: 25 }, String), async () => ({}));
  expect([many.shown.length, many.olderVersions]).toEqual([20, 5]);
});

it('reports on a version although CloudWatch throttles the search of its log', async () => {
  const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException', $metadata: {} });
  const { shown } = await report(['v'], async () => Promise.reject(throttled));
  expect(shown).toMatchObject([
    { where: 'nowhere', log: [], logProblem: expect.stringContaining('Rate exceeded') },
  ]);
  await expect(report(['v'], async () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

it('searches a long log for some seconds only', async () => {
  let pages = 0;
  const now = () => NOW + pages * 1_000;
  const { shown } = await report(['v'], async () => ({ nextToken: String(pages++) }), now);
  expect(pages).toBeLessThan(10);
  expect(shown).toMatchObject([{ log: [], logProblem: expect.any(String) }]);
});

it('a search of a large environment has time for the newest bundles, and goes on after a manifest that is invalid', async () => {
  const clock = manualClock(NOW);
  const store = memoryStore(clock.now);
  const keys = ['1', '2'].map((digit) => bundleKey(NOW - 60_000, digit.repeat(16), '.tar.gz'));
  for (const key of keys) store.upload('archive', manifestKey(key), Buffer.from('{}'));
  const inArchive = memoryListing(store);
  const listing: ObjectListing = {
    ...inArchive,
    async objects(start) {
      if (start.bucket === 'archive') return inArchive.objects(start);
      clock.advance(1_000);
      return { objects: [], next: 'more' };
    },
  };
  const bundles: Pick<BundleQueries, 'manifest'> = {
    async manifest(key) {
      if (key === keys[1]) throw new ManifestError('not a manifest');
      return { members: [{ key: 'in/a.txt', size: 1, landedAt: NOW }] } as unknown as Manifest;
    },
  };
  const environment = {
    ...{ clock, random: () => 0.5, store, listing },
    resources: { buckets: { landing: 'landing', archive: 'archive' } },
  };
  const { files, isPartial, sentence } = await searchFiles(
    'a.txt',
    bundles as BundleQueries,
    environment as unknown as Environment,
  );
  expect(files.map(({ key }) => key)).toEqual(['in/a.txt']);
  expect(isPartial).toBe(true);
  expect(sentence).toContain('1 manifest could not be read');
});

it('the offset of a member is that in the tar, also after names that need pax records', () => {
  const member = (name: string, size: number) =>
    ({ name, size, lastModified: NOW, key: name }) as unknown as ManifestMember;
  const members = [member('ü'.repeat(200), 513), member('b', 0), member('c', 10)];
  const tar: Uint8Array[] = [];
  const offsets: number[] = [];
  for (const { name, size } of members) {
    tar.push(memberHeader({ name, size, mtime: NOW }));
    offsets.push(Buffer.concat(tar).length);
    tar.push(new Uint8Array(size), padding(size));
  }
  expect(members.map((_, index) => offsetOf({ members }, index))).toEqual(offsets);
  expect(offsets[0]).toBeGreaterThan(512);
});
