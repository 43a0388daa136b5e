import { figuresOf, isReached, median } from './figures.ts';

describe('median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('is undefined for no values', () => {
    expect(() => median([])).toThrow('no median');
  });
});

describe('figures', () => {
  it('use the median of the ratios of single runs', () => {
    const quiet = { value: 10, floor: 20 };
    const noisy = { value: 100, floor: 180 };
    expect(figuresOf([quiet, noisy, quiet])).toEqual({ value: 10, floor: 20, ratio: 0.5 });
  });

  it('contain the ratio to a bare pass-through', () => {
    expect(figuresOf([{ value: 12, floor: 2, bare: 8 }])).toEqual({
      value: 12,
      floor: 2,
      ratio: 6,
      bareRatio: 1.5,
    });
  });

  it('have no floor if none was measured', () => {
    expect(figuresOf([{ value: 7 }])).toEqual({ value: 7 });
  });

  it('reach a target by ratio or by value', () => {
    expect(isReached({ value: 9, floor: 10, ratio: 0.9 }, { times: 0.9 })).toBe(true);
    expect(isReached({ value: 9, floor: 10, ratio: 0.9 }, { times: 0.8 })).toBe(false);
    expect(isReached({ value: 401 }, { most: 400 })).toBe(false);
    expect(isReached({ value: 1 }, { times: 1 })).toBe(false);
  });
});
