import { statsOf } from '../testing/stats.ts';
import { waitingIn, watchQueues } from './queues.ts';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('the queues', () => {
  it('that feed functions are counted, dead letters are not', () => {
    expect(waitingIn(statsOf({ visible: 2, inFlight: 3 }))).toEqual({ visible: 2, inFlight: 3 });
  });

  it('are watched until nobody wants to know any more', async () => {
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
