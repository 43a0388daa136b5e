import type { Backlog } from '@data-aggregator/shared-processing/backlog';
import { flowOf } from './flow.ts';

const MINUTE = 60_000;
const NOW = 1_795_680_000_000 + 30_000;
const THIS_MINUTE = Math.floor(NOW / MINUTE) * MINUTE;

const environment = {
  name: 'dev',
  queues: { main: 'main', large: 'large', ready: 'ready', deadLetters: ['dead', 'large-dead'] },
  resources: {
    buckets: { landing: 'l', distribution: 'd', archive: 'a' },
    ledger: 't',
    queueUrl: '',
    deadLettersUrls: [] as string[],
    claimRetentionMs: 0,
    functions: { reconciler: '', replayer: '' },
  },
};
const noBacklog: Backlog = { bundles: 0, bytes: 0, oldestAgeSeconds: 0, complete: true };

function flow(
  target: 'local' | 'aws',
  values: Record<string, [at: number, value: number][]>,
  backlog = noBacklog,
) {
  const metrics = new Map(Object.entries(values).map(([id, points]) => [id, new Map(points)]));
  const { stages, ...rest } = flowOf(metrics, backlog, { ...environment, target }, NOW);
  return { stages: Object.fromEntries(stages.map((stage) => [stage.name, stage])), ...rest };
}

describe('of the embedded cloud', () => {
  it('rates are those of the last minute, and gauges the newest values', () => {
    const { stages, deadLetters } = flow('local', {
      sent: [
        [NOW - 50_000, 30],
        [NOW - 1_000, 30],
      ],
      visible: [
        [NOW - 2_000, 100],
        [NOW - 1_000, 40],
      ],
      hidden: [[NOW - 1_000, 2]],
      oldest: [[NOW - 1_000, 65]],
      dead0: [[NOW - 1_000, 1]],
      dead1: [[NOW - 1_000, 2]],
    });
    expect(stages['landing']?.ratePerSecond).toBe(1);
    expect(stages['queue']).toMatchObject({
      waiting: 40,
      inFlight: 2,
      oldestSeconds: 65,
      status: 'warning',
      deadLetters: 1,
    });
    expect(deadLetters).toBe(3);
  });

  it('an outage shows although files were bundled within the minute', () => {
    const { stages, bottleneck } = flow('local', {
      bundled: [[NOW - 50_000, 600]],
      invocations: [
        [NOW - 50_000, 6],
        [NOW - 2_000, 1],
      ],
      errors: [[NOW - 2_000, 1]],
      hidden: [[NOW - 1_000, 20]],
    });
    expect(stages['aggregator']?.status).toBe('critical');
    expect(bottleneck.stage).toBe('aggregator');
  });
});

describe('of AWS', () => {
  it('rates are those of the newest complete minute, which ended a minute ago', () => {
    const { stages } = flow('aws', {
      sent: [
        [THIS_MINUTE - 3 * MINUTE, 60],
        [THIS_MINUTE - 2 * MINUTE, 600],
        [THIS_MINUTE - MINUTE, 5],
      ],
      bundled: [[THIS_MINUTE - 4 * MINUTE, 600]],
    });
    expect(stages['landing']?.ratePerSecond).toBe(10);
    expect(stages['aggregator']?.ratePerSecond).toBe(0);
  });

  it('errors of an incomplete minute count as recent', () => {
    const { bottleneck } = flow('aws', {
      errors: [[THIS_MINUTE - MINUTE, 3]],
      invocations: [[THIS_MINUTE - MINUTE, 3]],
      hidden: [[THIS_MINUTE - MINUTE, 20]],
    });
    expect(bottleneck.sentence).toMatch(/^The aggregator fails: all 3 invocations/);
  });
});

it.each([
  ['no figures of the queue are not an empty queue', {}, 'warning', 'queue'],
  [
    'a queue with figures may be empty',
    { visible: [[THIS_MINUTE - MINUTE, 0] as [number, number]] },
    'ok',
    undefined,
  ],
])('on AWS, %s', (_, values, status, stage) => {
  const { stages, bottleneck } = flow('aws', values);
  expect(stages['queue']?.status).toBe(status);
  expect(bottleneck.stage).toBe(stage);
});

it('stages that the environment does not have, and counts that are not complete, say so', () => {
  const { stages, largeObjects } = flow(
    'aws',
    {},
    { bundles: 9_000, bytes: 1, oldestAgeSeconds: 700, complete: false },
  );
  expect(largeObjects).toBeUndefined();
  expect(stages['consumer']?.ratePerSecond).toBeUndefined();
  expect(stages['distribution']).toMatchObject({
    status: 'warning',
    isLowerBound: true,
    sentence: 'At least 9,000 bundles wait for the consumer; the oldest for 12 min.',
  });
});
