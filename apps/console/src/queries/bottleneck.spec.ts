import { bottleneckOf, type FlowFigures } from './bottleneck.ts';

const idle: FlowFigures = {
  waiting: 0,
  inFlight: 0,
  oldestSeconds: 0,
  inPerSecond: 0,
  outPerSecond: 0,
  errorsPerMinute: 0,
  recent: { seconds: 15, invocations: 0, errors: 0 },
  bundlesWaiting: 0,
  oldestBundleSeconds: 0,
  largeWaiting: 0,
  largeOldestSeconds: 0,
};

it.each<[string, Partial<FlowFigures>, string | undefined, RegExp]>([
  ['nothing on the way', {}, undefined, /no file is on the way/],
  [
    'a batch that is being collected',
    { waiting: 40, oldestSeconds: 15, inPerSecond: 10, outPerSecond: 10 },
    undefined,
    /40 files are on the way; 10 files\/s come in, 10 files\/s go out/,
  ],
  [
    'more files than the aggregator can bundle',
    { waiting: 1_203, oldestSeconds: 95, inPerSecond: 40, outPerSecond: 12.4 },
    'aggregator',
    /is the bottleneck: 1,203 files are not bundled yet, the oldest for 95 s; 40 files\/s come in, 12 files\/s go out/,
  ],
  [
    'an outage',
    { inFlight: 30, oldestSeconds: 12, outPerSecond: 5, recent: { seconds: 15, invocations: 2, errors: 2 } },
    'aggregator',
    /^The aggregator fails: all 2 invocations of the last 15 s failed\. .* No file is lost/,
  ],
  [
    'an outage that is over',
    {
      inFlight: 3,
      oldestSeconds: 12,
      errorsPerMinute: 2,
      recent: { seconds: 15, invocations: 3, errors: 2 },
    },
    undefined,
    /^Nothing holds files up/,
  ],
  [
    'a file that fails again and again',
    { inFlight: 1, oldestSeconds: 700 },
    'aggregator',
    /1 file is not bundled yet, the oldest for 12 min, and none/,
  ],
  [
    'a stopped consumer',
    { bundlesWaiting: 3, oldestBundleSeconds: 8_000 },
    'consumer',
    /3 bundles wait, the oldest for 2 h/,
  ],
  ['a consumer that is a little late', { bundlesWaiting: 3, oldestBundleSeconds: 100 }, undefined, /Nothing/],
  ['large files', { largeWaiting: 2, largeOldestSeconds: 1_000 }, 'large-objects', /Large files are held up/],
])('%s', (_what, figures, stage, sentence) => {
  const found = bottleneckOf({ ...idle, ...figures });
  expect([found.stage, found.sentence]).toEqual([stage, expect.stringMatching(sentence)]);
  expect(found.next !== undefined).toBe(stage !== undefined);
});

it('blames what starves the others: the aggregator before the consumer', () => {
  const figures = { ...idle, waiting: 10, oldestSeconds: 100, bundlesWaiting: 5, oldestBundleSeconds: 5_000 };
  expect(bottleneckOf(figures).stage).toBe('aggregator');
});
