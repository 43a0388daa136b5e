import { age, bytes, count, counted, duration, figure, instant, relative, usd } from './format.ts';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [1_234_567, '1,234,567'],
    [undefined, '–'],
    [NaN, '–'],
  ])('shows the count %p as %s', (value, text) => {
    expect(count(value)).toBe(text);
  });

  it.each([
    [0, '0'],
    [0.001, '< 0.01'],
    [0.25, '0.25'],
    [3.4, '3.4'],
    [12.34, '12.3'],
    [40, '40'],
    [1_203.6, '1,204'],
    [undefined, '–'],
  ])('shows the rate %p as %s', (value, text) => {
    expect(figure(value)).toBe(text);
  });

  it('adds the noun in singular or plural', () => {
    expect([counted(1, 'case'), counted(2, 'case'), counted(2, 'key more', 'more keys')]).toEqual([
      '1 case',
      '2 cases',
      '2 more keys',
    ]);
  });

  it.each([
    [0, '0 B'],
    [1_023, '1023 B'],
    [1_536, '1.5 KiB'],
    [83_886_080, '80.0 MiB'],
    [5 * 1024 ** 4, '5.0 TiB'],
    [9_000 * 1024 ** 4, '9000 TiB'],
  ])('shows %p bytes as %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  it('shows small amounts of money with four digits', () => {
    expect([usd(1_234.5), usd(0.0042), usd(0)]).toEqual(['$1,234.50', '$0.0042', '$0.00']);
  });
});

describe('times', () => {
  it.each([
    [0, '0 s'],
    [340, '340 ms'],
    [1_500, '1.5 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [95_000, '1 min 35 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [100 * 3_600_000, '4 d 4 h'],
    [undefined, '–'],
  ])('shows a duration of %p ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('shows the date of an instant only if it is not today’s', () => {
    const noon = new Date(2026, 10, 26, 12).getTime();
    expect(instant(noon, noon + 1_000)).toBe('12:00:00');
    expect(instant(noon, noon + 86_400_000)).toContain('26 Nov 2026');
  });

  it('says how long ago an instant is, or when it will be', () => {
    expect([relative(0, 500), relative(0, 12_000), relative(180_000, 0)]).toEqual([
      'now',
      '12 s ago',
      'in 3 min',
    ]);
  });

  it('shows ages in lists in one unit', () => {
    expect([0, 59_000, 3_599_000, 86_399_000, 90_000_000].map((ms) => age(0, ms))).toEqual([
      '0 s ago',
      '59 s ago',
      '59 min ago',
      '23 h ago',
      '1 d ago',
    ]);
  });
});
