import type { CloudStats } from '@data-aggregator/local-cloud';
import { intakeOf, waitingIn, watchQueues } from './queues.ts';

/** Figures of a cloud with one queue, which feeds the aggregator, and dead letters that no function reads. */
function statsOf({ visible = 0, inFlight = 0, running = 0 }): CloudStats {
  return {
    queues: [
      { name: 'q', visible, inFlight, dead: 9 },
      { name: 'q-dead-letters', visible: 9, inFlight: 0, dead: 0 },
    ],
    mappings: [
      {
        functionName: 'the-aggregator',
        queueName: 'q',
        ...{ invocations: 0, errors: 0, itemFailures: 0, running: 0 },
      },
    ],
    running,
  };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('the queues', () => {
  it('count those that feed functions, without dead letters', () => {
    expect(waitingIn(statsOf({ visible: 2, inFlight: 3 }))).toEqual({ visible: 2, inFlight: 3 });
  });

  it('leave other functions out of the intake', () => {
    const { queues, mappings, running } = statsOf({ visible: 2, inFlight: 3 });
    const other = { functionName: 'the-other', queueName: 'o', invocations: 1, itemFailures: 1, running: 0 };
    const stats = {
      queues: [{ name: 'o', visible: 7, inFlight: 7, dead: 0 }, ...queues],
      mappings: [{ ...other, errors: 1 }, ...mappings],
      running,
    };
    expect(intakeOf(stats)).toEqual({ errors: 0, itemFailures: 0, visible: 2, inFlight: 3 });
  });

  it('are watched until the watch is disposed of', async () => {
    let now = statsOf({ visible: 1, inFlight: 1 });
    const counts: number[] = [];
    const watch = watchQueues({ stats: async () => now }, (count) => counts.push(count), 500);
    await jest.advanceTimersByTimeAsync(1000);
    now = statsOf({ inFlight: 1 });
    await jest.advanceTimersByTimeAsync(500);
    watch[Symbol.dispose]();
    await jest.advanceTimersByTimeAsync(5000);
    expect(counts).toEqual([2, 2, 1]);
  });
});
