import * as fc from 'fast-check';
import { bundleKey, bundleKeyOf, bundleTime, hourPrefix, isConsumedKey, replayKey } from './index.ts';

const KEY = 'bundles/2026/11/22/09/bundle-20261122T090807Z-0123456789abcdef.tar.gz';
const BEFORE = 'bundles/2026/11/22/09/20261122T090807Z-0123456789abcdef.tar.gz';
const BEGUN = Date.UTC(2026, 10, 22, 9, 8, 7);

const moments = fc.integer({ min: 0, max: Date.UTC(2099, 0) });
const random = fc.stringMatching(/^[0-9a-f]{16}$/);
const extension = fc.constantFrom('.tar.gz', '.tar.zst');

describe('bundleKey', () => {
  it('contains the hour and the second', () => {
    expect(bundleKey(BEGUN + 654, '0123456789abcdef', '.tar.gz')).toBe(KEY);
  });

  it('sorts by time, to the second', () => {
    fc.assert(
      fc.property(moments, moments, random, random, (one, other, a, b) => {
        const [first, second] = [one, other].sort((x, y) => x - y) as [number, number];
        fc.pre(Math.floor(first / 1000) < Math.floor(second / 1000));
        expect(bundleKey(first, a, '.tar.gz') < bundleKey(second, b, '.tar.gz')).toBe(true);
      }),
    );
  });

  it('matches a filter on "bundle-" below the prefix of its hour', () => {
    fc.assert(
      fc.property(moments, random, extension, (now, id, format) => {
        const key = bundleKey(now, id, format);
        expect(key.split('/').at(-1)).toMatch(/^bundle-/);
        expect(key.startsWith(hourPrefix(now))).toBe(true);
        expect(isConsumedKey(key)).toBe(true);
      }),
    );
  });

  it('can be recovered from the key, from a replay’s key and from a file path', () => {
    fc.assert(
      fc.property(moments, random, extension, (now, id, format) => {
        const key = bundleKey(now, id, format);
        expect(bundleTime(key)).toBe(Math.floor(now / 1000) * 1000);
        expect(bundleKeyOf(replayKey('r', key))).toBe(key);
        expect(bundleKeyOf(`/some/where/${key.split('/').at(-1)}`)).toBe(key);
      }),
    );
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
    [`manifests/${KEY}.json`, false],
    ['bundles', false],
  ])('%s', (key, isConsumed) => {
    expect(isConsumedKey(key)).toBe(isConsumed);
  });
});
