import { manualClock } from '@data-aggregator/shared-processing/testing';
import { createPace } from './pace.ts';

const HOUR = 3_600_000;

function setUp(backlogs: number[] = []) {
  const clock = manualClock();
  const reads: number[] = [];
  const waits: number[] = [];
  const pace = createPace(
    { rate: 10, burst: 20, maxBacklog: 100 },
    {
      clock,
      backlog: async () => {
        reads.push(clock.now());
        return backlogs.shift() ?? 0;
      },
      onWait: (backlog) => void waits.push(backlog),
    },
  );
  const never = new AbortController().signal;
  /** How long it takes to be admitted, in ms. */
  const admit = async (count: number, signal = never) => {
    const began = clock.now();
    await pace.admit(count, signal);
    return clock.now() - began;
  };
  return { clock, reads, waits, admit };
}

describe('the pace of a backfill', () => {
  it('admits a burst, and then no more than its rate', async () => {
    const { clock, admit } = setUp();
    await expect(admit(20)).resolves.toBe(0);
    await expect(admit(10)).resolves.toBe(1_000);
    clock.advance(500);
    await expect(admit(10)).resolves.toBe(500);
    clock.advance(HOUR);
    await expect(admit(20)).resolves.toBe(0);
    await expect(admit(20)).resolves.toBe(2_000);
  });

  it('reads the backlog at most once a second, and waits while it is high', async () => {
    const { clock, reads, waits, admit } = setUp([100, 101, 5_000, 0]);
    await admit(1);
    clock.advance(999);
    await admit(1);
    expect(reads).toHaveLength(1);
    clock.advance(1);
    await expect(admit(1)).resolves.toBe(10_000);
    expect(reads).toHaveLength(4);
    expect(waits).toEqual([101, 5_000]);
  });

  it('keeps its rate, and goes on reading the backlog, after the clock was set back', async () => {
    const { clock, reads, admit } = setUp();
    await admit(20);
    clock.advance(-HOUR);
    await expect(admit(10)).resolves.toBe(1_000);
    expect(reads).toHaveLength(2);
  });

  it('waits for nothing once the signal aborts', async () => {
    const { reads, admit } = setUp([1_000]);
    await expect(admit(20, AbortSignal.abort())).resolves.toBe(0);
    await expect(admit(20, AbortSignal.abort())).resolves.toBe(0);
    expect(reads).toEqual([]);
  });
});
