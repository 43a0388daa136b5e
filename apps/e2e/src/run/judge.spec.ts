import type { Consumed } from './consume.ts';
import { judge } from './judge.ts';
import type { Expected } from './run.ts';

const version = { kind: 'id', versionId: 'v' } as const;
const expected = (key: string, quarantined?: string): Expected => ({
  object: { bucket: 'b', key, version, size: 1, sha256: `of ${key}` },
  landedAt: 1_000,
  ...(quarantined !== undefined && { quarantined }),
});
const bundleOf = (name: string, ...keys: string[]): Consumed['bundles'][number] => ({
  key: name,
  size: 1,
  problems: [],
  publishedAt: 8_500,
  members: keys.map((key) => {
    const { bucket, size, sha256 } = expected(key).object;
    const more = { etag: '', name: key, lastModified: 0, landedAt: 0, problem: undefined };
    return { bucket, key, version, size, sha256, ...more };
  }),
});
const consumed = (bundles: Consumed['bundles'], dead: Record<string, string> = {}): Consumed => ({
  bundles,
  quarantined: new Map(
    Object.entries(dead).map(([key, reason]) => [
      JSON.stringify(['b', key, 'id', 'v']),
      { reason, detail: '' },
    ]),
  ),
  inTime: true,
});
const problemsOf = (...args: Parameters<typeof judge>) => judge(...args).map(({ problem }) => problem);

it('a delivered file passes, with its latency', () => {
  expect(judge([expected('a')], consumed([bundleOf('x', 'a')]))).toEqual([
    { name: 'a', problem: undefined, seconds: 7.5 },
  ]);
});

it('a file that is quarantined for the expected reason passes', () => {
  expect(judge([expected('a', 'gone')], consumed([], { a: 'gone' }))).toEqual([
    { name: 'a is quarantined', problem: undefined },
  ]);
});

it.each([
  ['missing', [expected('a')], consumed([]), ['it is in no bundle and in no dead letter']],
  ['quarantined', [expected('a')], consumed([], { a: 'gone' }), ['it is in a dead letter: gone']],
  [
    'quarantined for another reason',
    [expected('a', 'gone')],
    consumed([], { a: 'x' }),
    ['it is in a dead letter: x'],
  ],
  [
    'delivered against expectation',
    [expected('a', 'gone')],
    consumed([bundleOf('x', 'a')]),
    ['it was delivered'],
  ],
  [
    'delivered twice',
    [expected('a')],
    consumed([bundleOf('x', 'a'), bundleOf('y', 'a')]),
    ['it is in several bundles: x, y'],
  ],
  [
    'delivered and quarantined',
    [expected('a')],
    consumed([bundleOf('x', 'a')], { a: 'gone' }),
    ['it is in a bundle, and in a dead letter: gone'],
  ],
  [
    'of nobody',
    [expected('a')],
    consumed([bundleOf('x', 'a', 'b')]),
    [undefined, 'x contains it, but it was never sent'],
  ],
  [
    'late',
    [expected('a')],
    { ...consumed([bundleOf('x', 'a')]), inTime: false },
    [undefined, 'the time limit of the scenario has passed'],
  ],
])('what is %s fails', (_, sent, out, problems) => {
  expect(problemsOf(sent, out)).toEqual(problems);
});
