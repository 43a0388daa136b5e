import type { CloudStats } from '@data-aggregator/local-cloud';
import { manualClock } from '@data-aggregator/shared-processing/testing';
import { statsOf } from './testing/stats.ts';
import { waitUntilProcessed } from './wait-until-processed.ts';

const START = 0;
const { signal } = new AbortController();

/** A cloud with constant queue figures that becomes idle after the given number of seconds. */
function cloudOf(stats: CloudStats, idleAfterSeconds: number) {
  const clock = manualClock(START);
  const idle = Promise.withResolvers<undefined>();
  const seconds = () => (clock.now() - START) / 1000;
  const releases: number[] = [];
  return {
    clock,
    seconds,
    releases,
    async stats() {
      if (seconds() >= idleAfterSeconds) idle.resolve(undefined);
      return stats;
    },
    idle(until?: AbortSignal) {
      until?.addEventListener('abort', () => idle.reject(until.reason));
      return idle.promise;
    },
    async releaseHidden() {
      releases.push(seconds());
      return 2;
    },
  };
}

describe('waiting until everything is processed', () => {
  it('ends when the cloud is idle, and not earlier', async () => {
    const cloud = cloudOf(statsOf({ visible: 3 }), 60);
    await waitUntilProcessed(cloud, { signal, clock: cloud.clock });
    expect(cloud.seconds()).toBeGreaterThanOrEqual(60);
    expect(cloud.seconds()).toBeLessThan(61);
  });

  it('releases returned messages after a standstill, with growing pauses, and reports it', async () => {
    const cloud = cloudOf(statsOf({ inFlight: 2 }), 460);
    const counts: number[] = [];
    await waitUntilProcessed(cloud, {
      signal,
      clock: cloud.clock,
      onReleased: (count) => counts.push(count),
    });
    expect(cloud.releases).toEqual([30, 90, 210, 450]);
    expect(counts).toEqual([2, 2, 2, 2]);
  });

  it.each([
    ['while an invocation runs', statsOf({ inFlight: 2, running: 1 })],
    ['while messages are still visible', statsOf({ visible: 1, inFlight: 2 })],
  ])('does not release messages %s', async (_, stats) => {
    const cloud = cloudOf(stats, 300);
    await waitUntilProcessed(cloud, { signal, clock: cloud.clock });
    expect(cloud.releases).toEqual([]);
  });

  it('rejects with the reason of its signal', async () => {
    const controller = new AbortController();
    const cloud = cloudOf(statsOf({ visible: 1 }), Infinity);
    const ended = waitUntilProcessed(cloud, { signal: controller.signal });
    const reason = new Error('stop');
    controller.abort(reason);
    await expect(ended).rejects.toBe(reason);
  });
});
