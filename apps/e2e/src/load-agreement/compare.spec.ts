import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, table } from './compare.ts';
import type { Distributions } from './distributions.ts';
import type { AgreementLoad, Measured } from './measure.ts';
import { type Model, simulate } from './simulate.ts';

const load = { filesPerSecond: 10, minutes: 1, outageSeconds: 0 };
const percentiles = { p50: 1, p95: 2, p999: 3 };
const distributions: Distributions = {
  latency: percentiles,
  waiting: percentiles,
  working: percentiles,
  filesPerBundle: percentiles,
};
const figures = {
  ...{ p50: 2.6, p95: 5, p999: 5.2, bundlesPerMinute: 12, readsPerFile: 1, ledgerWritesPerFile: 1.02 },
  distributions,
};
const wrong = { ...figures, p50: 1.3 };
const measured: Measured = {
  ...figures,
  landings: Array.from({ length: 601 }, (_, file) => file * 100),
  speeds: [],
  processorShare: 0.9,
  failedInvocations: 0,
  lost: 0,
  duplicated: 0,
};

describe('a comparison with the embedded cloud', () => {
  it('agrees if every figure differs by at most 20 %', () => {
    const close = compare(load, measured, { ...figures, p95: 5.9, bundlesPerMinute: 10 }, wrong);
    expect(close).toMatchObject({ verdict: 'agrees', ratios: { p50: 1, p95: expect.closeTo(1.18) } });
    expect(table(close)).toContain(
      '| p95, s                      |     5.00 |      5.90 |  1.18 |            1.00 |',
    );
    expect(table(close)).toContain('10.02 files/s landed; lost 0, duplicated 0');
  });

  it.each([
    ['a figure differs by more', measured, { ...figures, p95: 6.1 }, wrong],
    ['a file was lost', { ...measured, lost: 1 }, figures, wrong],
    ['a file was duplicated', { ...measured, duplicated: 1 }, figures, wrong],
    ['half the window would agree too', measured, figures, figures],
  ])('differs if %s', (_what, embedded, simulated, halved) => {
    const comparison = compare(load, embedded, simulated, halved);
    expect(comparison).toMatchObject({ agrees: false, verdict: 'differs' });
    expect(table(comparison)).toContain('10 files/s for 1 minutes: DIFFERS');
  });

  it.each([
    ['files landed more slowly', { ...measured, landings: measured.landings.map((ms) => ms * 1.2) }],
    ['the cloud waited for a processor', { ...measured, processorShare: 0.08 }],
    ['an invocation failed', { ...measured, failedInvocations: 1 }],
  ])('says nothing if the machine was so busy that %s', (_what, embedded) => {
    const comparison = compare(load, embedded, figures, wrong);
    expect(comparison.verdict).toBe('too-busy');
    expect(table(comparison)).toContain('10 files/s for 1 minutes: THE MACHINE IS TOO BUSY');
  });
});

describe('the simulation of a recorded run of 100 files a second', () => {
  // Written by `--save`, with files of each 50 ms counted together.
  const { landedEach50Ms, ...run } = JSON.parse(
    readFileSync(join(import.meta.dirname, 'recorded.json'), 'utf8'),
  ) as { load: AgreementLoad; measured: Omit<Measured, 'landings'>; landedEach50Ms: number[] };
  const embedded: Measured = {
    ...run.measured,
    landings: landedEach50Ms.flatMap((files, slot) =>
      Array.from({ length: files }, (_, file) => 50 * (slot + file / files)),
    ),
  };
  const agreementOf = async (model: Partial<Model>, speeds = embedded.speeds) => {
    const simulated = await simulate(run.load, { ...embedded, speeds }, { processes: 2, seed: 1, ...model });
    return compare(run.load, embedded, simulated, { ...simulated, p50: 0 }).agrees;
  };

  it('agrees with the embedded cloud', async () => {
    expect(await agreementOf({})).toBe(true);
  });

  it.each<[string, Partial<Model>]>([
    ['half the window', { windowFactor: 0.5 }],
    ['one process', { processes: 1 }],
    ['four processes', { processes: 4 }],
  ])('differs with %s', async (_what, model) => {
    expect(await agreementOf(model)).toBe(false);
  });

  it('differs with a function that takes twice as long', async () => {
    const speeds = embedded.speeds.map((speed) => ({ ...speed, msPerFile: speed.msPerFile * 2 }));
    expect(await agreementOf({}, speeds)).toBe(false);
  });

  it('differs with a function that is always as fast as on average', async () => {
    const ms = embedded.speeds.reduce((sum, { from, to }) => sum + to - from, 0);
    expect(await agreementOf({}, [{ from: 0, to: 0, msPerFile: ms / embedded.landings.length }])).toBe(false);
  });
});
