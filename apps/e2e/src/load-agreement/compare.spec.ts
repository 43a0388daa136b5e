import { compare, table } from './compare.ts';
import { simulate } from './simulate.ts';

const load = { filesPerSecond: 10, minutes: 1, outageSeconds: 0 };
const landings = Array.from({ length: 601 }, (_, file) => file * 100);
const figures = { p50: 2.6, p95: 5, bundlesPerMinute: 12, readsPerFile: 1, ledgerWritesPerFile: 1.02 };
const measured = { ...figures, landings, msPerFile: 3, lost: 0, duplicated: 0 };

describe('a comparison with the embedded cloud', () => {
  it('agrees if every figure differs by at most 20 %', () => {
    const close = compare(load, measured, { ...figures, p95: 5.9, bundlesPerMinute: 10 });
    expect(close).toMatchObject({ agrees: true, ratios: { p50: 1, p95: expect.closeTo(1.18) } });
    expect(table(close)).toContain('| p95, s                      | 5.00 | 5.90 | 1.18 |');
    expect(table(close)).toContain('10.02 files/s landed; lost 0, duplicated 0');
  });

  it.each([
    ['a figure differs by more', measured, { ...figures, p95: 6.1 }],
    ['a file was lost', { ...measured, lost: 1 }, figures],
    ['a file was duplicated', { ...measured, duplicated: 1 }, figures],
  ])('differs if %s', (_what, embedded, simulated) => {
    const comparison = compare(load, embedded, simulated);
    expect(comparison.agrees).toBe(false);
    expect(table(comparison)).toContain('10 files/s for 1 minutes: DIFFERS');
  });

  // What docs/scale.md says that the embedded cloud measured.
  it('simulates what the embedded cloud does: a bundle for each window of dev', async () => {
    const simulated = await simulate(load, measured, { processes: 2, seed: 1 });
    expect(compare(load, measured, simulated).agrees).toBe(true);
  });
});
