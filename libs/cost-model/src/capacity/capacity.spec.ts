import {
  type CapacityDesign,
  designWith,
  firstToBreak,
  flowAt,
  inFlight,
  limits,
  type Load,
  settingsFor,
  usages,
} from './index.ts';
import { assumed, design, loadOf } from '../testing/index.ts';

describe('the flow at a rate of files', () => {
  it('is divided among the initial pollers while the window ends before a batch is full', () => {
    // 10 files/s × 60 s ÷ 5 pollers
    expect(flowAt(10, design, assumed)).toMatchObject({ pollers: 5, batch: 120, invocationSeconds: 1.36 });
  });

  it('needs as many pollers as batches are under way at once', () => {
    // A full batch takes 2 s to receive and 16.4 s to bundle: 10,000 ÷ 2,000 × 18.4 s = 92.
    const flow = flowAt(10_000, design, assumed);
    expect(flow).toMatchObject({
      pollers: 92,
      batch: 2000,
      invocationSeconds: 16.4,
      payloadBytes: 4_800_000,
    });
    expect(inFlight(flow)).toBeCloseTo(10_000 * 18.4);
  });

  it('has at most as many files in a batch as fit into an invocation', () => {
    expect(flowAt(1e6, { ...design, batchSize: 10_000 }, assumed).batch).toBe(2500);
  });
});

describe('the limits at a load', () => {
  const named = (load: Load, name: string, of = design) => {
    const found = usages(load, of, assumed).find((usage) => usage.name === name);
    if (found === undefined) throw new Error(`There is no limit "${name}".`);
    return found;
  };

  it.each([
    // Ten pollers × 2,000 files ÷ 18.4 s
    ['Mapping, concurrency', 1_087],
    ['S3 landing, PUT', 3_500],
    // A write for each file, and one for each bundle of 2,000
    ['Ledger, warm writes', 4_000 / 1.0005],
    ['S3 landing, GET', 5_500],
    // 18.4 s × rate = 120,000, rounded up to whole pollers
    ['SQS, in flight', 6_500],
    // 5 KB ÷ 4 for each file
    ['S3 replication', 100_000],
    ['Lambda, payload', Infinity],
  ])('%s breaks at %d files per second', (name, rate) => {
    const { breaksAt } = named(loadOf(10), name);
    if (rate === Infinity) expect(breaksAt).toBe(Infinity);
    else expect(Math.abs(breaksAt / rate - 1)).toBeLessThan(0.01);
  });

  it('are compared with the burst, and the first to break is named', () => {
    const all = usages(loadOf(100), design, assumed);
    // 1,000 files/s in a burst need 9.2 of 10 invocations.
    expect(all.filter(({ share }) => share > 1)).toEqual([]);
    expect(firstToBreak(all).name).toBe('Mapping, concurrency');
    expect(named(loadOf(100), 'Mapping, concurrency')).toMatchObject({ average: 5, peak: 10, share: 1 });
  });

  it('grow with key prefixes, queues and warm throughput', () => {
    const rateOf = (name: string, of: Partial<CapacityDesign>) =>
      named(loadOf(10), name, { ...design, ...of }).breaksAt;
    expect(rateOf('S3 landing, PUT', { landingPrefixes: 4 })).toBeGreaterThan(13_900);
    expect(rateOf('SQS, in flight', { queues: 2 })).toBeGreaterThan(2 * 6_400);
    expect(rateOf('Ledger, warm writes', { warmWrites: 40_000 })).toBeGreaterThan(39_000);
  });

  it('each have a source and a date', () => {
    for (const limit of Object.values(limits)) {
      expect(limit.source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
      expect(limit.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    }
  });
});

describe('the settings for a load', () => {
  const settings = (rate: number) => settingsFor(loadOf(rate), design, assumed);

  it('are those of today for the load of today', () => {
    expect(settings(10)).toEqual({
      batchSize: 2000,
      maxConcurrency: 10,
      warmWritesPerSecond: undefined,
      landingPrefixes: 1,
      queues: 1,
      accountConcurrency: undefined,
      tableWriteQuota: undefined,
    });
  });

  it.each([100, 1_000, 10_000, 100_000])(
    'let %d files per second through, with a tenfold burst, but for quotas that AWS raises',
    (rate) => {
      const planned = designWith(design, settings(rate));
      const over = usages(loadOf(rate), planned, assumed).filter(({ share }) => share > 1);
      expect(over.filter(({ limit }) => !limit.adjustable)).toEqual([]);
    },
  );

  it('are refused where one invocation could not finish the smallest batch', () => {
    expect(() => settingsFor(loadOf(10), design, { ...assumed, msPerInvocation: 60_000 })).toThrow(
      'No number of queues up to 1000 carries this load: check the rate and the durations.',
    );
  });

  it('state the quotas to ask for', () => {
    expect(settings(10_000)).toMatchObject({ accountConcurrency: 2000, tableWriteQuota: 130_000 });
  });
});
