import * as fc from 'fast-check';
import { groupName, UNGROUPED } from '../groups/index.ts';
import {
  bundleKey,
  bundleKeyOf,
  bundleTime,
  consumedPrefixes,
  groupOfBundle,
  groupPrefix,
  hourPrefix,
  isConsumedKey,
  originalKey,
  replayKey,
} from './index.ts';

const KEY = 'bundles/2026/11/22/09/bundle-20261122T090807Z-0123456789abcdef.tar.gz';
const BEFORE = 'bundles/2026/11/22/09/20261122T090807Z-0123456789abcdef.tar.gz';
const GROUPED = 'bundles/in--acme/2026/11/22/09/bundle-20261122T090807Z-0123456789abcdef.in--acme.tar.gz';
const BEGUN = Date.UTC(2026, 10, 22, 9, 8, 7);

const moments = fc.integer({ min: 0, max: Date.UTC(2099, 0) });
const random = fc.stringMatching(/^[0-9a-f]{16}$/);
const extension = fc.constantFrom('.tar.gz', '.tar.zst');
const group = fc.oneof(
  fc.constantFrom(
    undefined,
    UNGROUPED,
    ...['tar', 'x.tar', 'a.b', 'replays', '2026', 'in/acme'].map(groupName),
  ),
  fc.string({ unit: 'binary', minLength: 1 }).map(groupName),
);

describe('bundleKey', () => {
  it('contains the hour and the second', () => {
    expect(bundleKey(BEGUN + 654, '0123456789abcdef', '.tar.gz')).toBe(KEY);
    expect(bundleKey(BEGUN, '0123456789abcdef', '.tar.gz', 'in--acme')).toBe(GROUPED);
  });

  it('sorts by time within a group, to the second', () => {
    fc.assert(
      fc.property(moments, moments, random, random, group, (one, other, a, b, of) => {
        const [first, second] = [one, other].sort((x, y) => x - y) as [number, number];
        fc.pre(Math.floor(first / 1000) < Math.floor(second / 1000));
        expect(bundleKey(first, a, '.tar.gz', of) < bundleKey(second, b, '.tar.gz', of)).toBe(true);
      }),
    );
  });

  it('matches a filter on "bundle-" below the prefix of its hour', () => {
    fc.assert(
      fc.property(moments, random, extension, group, (now, id, format, of) => {
        const key = bundleKey(now, id, format, of);
        expect(key.split('/').at(-1)).toMatch(/^bundle-/);
        expect(key.startsWith(hourPrefix(now, of))).toBe(true);
        expect(isConsumedKey(key)).toBe(true);
      }),
    );
  });

  it('can be recovered from the key, from a replay’s key and from a file path', () => {
    fc.assert(
      fc.property(moments, random, extension, group, (now, id, format, of) => {
        const key = bundleKey(now, id, format, of);
        expect(groupOfBundle(key)).toBe(of);
        expect(bundleTime(key)).toBe(Math.floor(now / 1000) * 1000);
        expect(bundleKeyOf(replayKey('r', key))).toBe(key);
        expect(originalKey(replayKey('r', key))).toBe(key);
        expect(originalKey(key)).toBe(key);
        expect(bundleKeyOf(`/some/where/${key.split('/').at(-1)}`)).toBe(key);
      }),
    );
  });
});

describe('the prefixes of a group', () => {
  it('cover its bundles and their replays, and nothing of another group or of the keys without groups', () => {
    fc.assert(
      fc.property(moments, random, group, group, (now, id, one, other) => {
        fc.pre(one !== undefined && one !== other);
        const keysOf = (of?: string) => {
          const key = bundleKey(now, id, '.tar.gz', of);
          return [key, replayKey('r', key), replayKey(one ?? '', key)];
        };
        const isCovered = (key: string) =>
          consumedPrefixes(one ?? '').some((prefix) => key.startsWith(prefix));
        expect(keysOf(one).map(isCovered)).toEqual([true, true, true]);
        expect(keysOf(other).map(isCovered)).toEqual([false, false, false]);
      }),
    );
  });

  it('are folders', () => {
    expect(groupPrefix('acme')).toBe('bundles/acme/');
    expect(groupPrefix(undefined)).toBe('bundles/');
    expect(consumedPrefixes('acme')).toEqual(['bundles/acme/', 'replays/_groups/acme/']);
  });
});

describe('bundleTime', () => {
  it.each([
    [KEY, BEGUN],
    [BEFORE, BEGUN],
    [replayKey('bundle-1', BEFORE), BEGUN],
    [KEY.replace('20261122T09', '20261399T99'), undefined],
    ['bundles/2026/11/22/09/other-20261122T090807Z-0123456789abcdef.tar.gz', undefined],
    ['bundles/other.tar.gz', undefined],
  ])('%s', (key, time) => {
    expect(bundleTime(key)).toBe(time);
  });
});

describe('bundleKeyOf', () => {
  it.each([
    [KEY, KEY],
    [BEFORE, BEFORE],
    [`replays/r/${KEY}`, KEY],
    [`replays/r/${BEFORE}`, BEFORE],
    ['/some/where/20261122T090807Z-0123456789abcdef.tar.gz', BEFORE],
    ['C:\\some\\bundle-20261122T090807Z-0123456789abcdef.tar.gz', KEY],
    ['20261122T090807Z-0123456789abcdef.tar.gz', BEFORE],
    [GROUPED, GROUPED],
    [replayKey('r', GROUPED), GROUPED],
    ['/some/where/bundle-20261122T090807Z-0123456789abcdef.in--acme.tar.gz', GROUPED],
    ['bundle.tar.gz', undefined],
  ])('%s', (path, key) => {
    expect(bundleKeyOf(path)).toBe(key);
  });
});

describe('isConsumedKey', () => {
  it.each([
    [KEY, true],
    [BEFORE, true],
    [replayKey('r', KEY), true],
    [GROUPED, true],
    [replayKey('r', GROUPED), true],
    [`manifests/${KEY}.json`, false],
    ['bundles', false],
  ])('%s', (key, isConsumed) => {
    expect(isConsumedKey(key)).toBe(isConsumed);
  });
});
