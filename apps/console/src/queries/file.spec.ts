import { memberHeader, padding } from '@data-aggregator/bundling/tar';
import type { ObjectStatus } from '@data-aggregator/shared-processing/ledger';
import type { ManifestMember } from '@data-aggregator/shared-processing/manifest';
import { adviceOn, offsetOf, timelineOf } from './file.ts';

const NOW = Date.UTC(2026, 10, 26, 9);
const BUNDLE = 'bundles/2026/11/26/08/bundle-20261126T085900Z-0123456789abcdef.tar.gz';

const known = (status: ObjectStatus, ageSeconds: number) => ({
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
    history: { isPresent: true, publishedAt: NOW - waited * 1000 },
  });
  expect(adviceOn(about(60))).toBeUndefined();
  expect(adviceOn(about(4_000))?.problem).toBe('Its bundle has waited for the consumer for 67 min.');
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
