import { growthOf, isFlat, maximaOf, type MemorySample } from './memory.ts';

/** Memory while 100 bundles are delivered. @param megabytes at a number of delivered bundles */
function samplesOf(megabytes: (delivered: number) => number): MemorySample[] {
  return Array.from({ length: 101 }, (_, delivered) => ({ delivered, megabytes: megabytes(delivered) }));
}

describe('maximaOf', () => {
  it('gives the most memory in each part, and counts what follows the last bundle to the last part', () => {
    expect(
      maximaOf(
        samplesOf((delivered) => delivered),
        100,
        4,
      ),
    ).toEqual([24, 49, 74, 100]);
  });

  it('gives 0 for a part without samples', () => {
    expect(maximaOf([{ delivered: 60, megabytes: 7 }], 100, 4)).toEqual([0, 0, 7, 0]);
  });
});

describe('isFlat', () => {
  it('accepts memory that grows while the consumer warms up', () => {
    const samples = samplesOf((delivered) => 70 + Math.min(40, 2 * delivered));
    expect(growthOf(samples, 100)).toBe(1);
    expect(isFlat(samples, 100)).toBe(true);
  });

  it('refuses memory that grows with every bundle', () => {
    expect(
      isFlat(
        samplesOf((delivered) => 100 + delivered / 8),
        100,
      ),
    ).toBe(false);
  });

  it('refuses memory that steps up late', () => {
    expect(
      isFlat(
        samplesOf((delivered) => (delivered < 80 ? 110 : 120)),
        100,
      ),
    ).toBe(false);
  });

  it('refuses a backlog of which a quarter was not measured', () => {
    expect(isFlat([{ delivered: 0, megabytes: 100 }], 100)).toBe(false);
    expect(isFlat([{ delivered: 30, megabytes: 100 }], 100)).toBe(false);
  });
});
