import { casesAt, full, short } from './cases.ts';
import { missed, resultOf, type TimedFile } from './result.ts';
import { arrivals } from './run-case.ts';

const counts = { deadLetters: 0, lost: 0, duplicated: 0, mismatched: 0, forwards: 0 };
const file = (seconds: number | undefined, kind: Partial<TimedFile> = {}): TimedFile => ({
  key: 'a',
  isLarge: false,
  isBesideLarge: false,
  landedAt: 1_000_000,
  publishedAt: seconds === undefined ? undefined : 1_000_000 + seconds * 1000,
  ...kind,
});

describe('resultOf', () => {
  it('measures from landing to distribution', () => {
    const files = Array.from({ length: 1_000 }, (_, n) => file(n + 1));
    expect(resultOf(files, counts, undefined)).toEqual({
      ...{ files: 1_000, p50: 500, p95: 950, p999: 999, maxSeconds: 1_000 },
      ...counts,
    });
  });

  it('counts from the end of the disturbance to the last file', () => {
    expect(resultOf([file(1), file(100)], counts, 1_060_000).afterEnd).toBe(40);
  });

  it('reports large files, and small ones without them, apart', () => {
    const files = [file(1), file(3, { isBesideLarge: true }), file(50, { isLarge: true })];
    expect(resultOf(files, counts, undefined)).toMatchObject({
      files: 1,
      p95: 3,
      without: { files: 1, p95: 1 },
      large: { files: 1, p95: 50 },
    });
  });
});

describe('missed', () => {
  const result = resultOf([file(10)], counts, 1_005_000);

  it.each([
    ['nothing', result, { p999: 10, maxSeconds: 10, maxAfterEnd: 5 }, []],
    ['a slow file', result, { p999: 9 }, ['p999 is 10 and must be at most 9']],
    ['a slow recovery', result, { maxAfterEnd: 4 }, ['afterEnd is 5 and must be at most 4']],
    ['a lost file', { ...result, lost: 1 }, {}, ['lost is 1 and must be at most 0']],
    ['a forward in circles', { ...result, forwards: 3 }, {}, ['forwards is 3 and must be at most 0']],
    ['a dead letter', { ...result, deadLetters: 2 }, {}, ['deadLetters is 2 and must be at most 0']],
  ])('names %s', (_, of, targets, expected) => {
    expect(missed(of, targets)).toEqual(expected);
  });

  it('compares small files next to large ones with those before them', () => {
    const files = [file(2), file(4, { isBesideLarge: true }), file(9, { isLarge: true })];
    expect(missed(resultOf(files, counts, undefined), { p95Ratio: 1.5 })).toEqual([
      'p95 is 4 and must be at most 3',
    ]);
  });
});

describe('arrivals', () => {
  it.each([full, short])('bring ten small files a second, and large ones in the second half', (scale) => {
    const [heal] = casesAt(scale).filter(({ name }) => name === 'large-beside-small');
    if (heal?.large === undefined) throw new Error('there is no such case');
    const all = arrivals(heal);
    const large = all.filter(({ isLarge }) => isLarge);
    expect(all.length - large.length).toBe(10 * heal.seconds);
    expect(large.length).toBe(scale.large.seconds / scale.large.everySeconds);
    expect(Math.min(...large.map(({ at }) => at))).toBe(scale.large.seconds);
  });
});
