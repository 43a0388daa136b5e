import { XMLValidator } from 'fast-xml-parser';
import { niceCeiling, svg } from './plot.ts';

const points = [
  { x: 10, y: 1 },
  { x: 1000, y: 2 },
];

describe('a plot', () => {
  it('is a well-formed document, also where names hold markup', () => {
    const document = svg([
      { title: 'a < b & c', xLabel: 'x', yLabel: 'y', series: [{ name: '<s>', points }] },
    ]);
    expect(XMLValidator.validate(document)).toBe(true);
  });

  it('draws equal powers of ten equally far apart, and higher values higher up', () => {
    const three = [...points, { x: 100_000, y: 0 }];
    const document = svg([{ title: 't', xLabel: 'x', yLabel: 'y', series: [{ name: 's', points: three }] }]);
    const [, path = ''] = /polyline points="([^"]+)"/.exec(document) ?? [];
    const [a, b, c] = path.split(' ').map((point) => point.split(',').map(Number));
    expect((b?.[0] ?? 0) - (a?.[0] ?? 0)).toBeCloseTo((c?.[0] ?? 0) - (b?.[0] ?? 0));
    expect(b?.[1]).toBeLessThan(a?.[1] ?? 0);
    expect(c?.[1]).toBeGreaterThan(a?.[1] ?? 0);
  });

  it.each([
    [0.37, 0.5],
    [1, 1],
    [180, 200],
    [201, 500],
    [0, 1],
  ])('ends its axis for %d at %d', (value, end) => {
    expect(niceCeiling(value)).toBeCloseTo(end);
  });
});
