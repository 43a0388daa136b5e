import type { CloudStats } from '@data-aggregator/local-cloud';
import { manualClock } from '@data-aggregator/shared-processing/testing';
import { statsOf } from '../testing/stats.ts';
import { settle } from './settle.ts';

const START = 0;
const { signal } = new AbortController();

/** A cloud whose queues stand as they are told to, and which is idle after so many seconds. */
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

describe('waiting for everything to end', () => {
  it('ends once the cloud is idle, and not before', async () => {
    const cloud = cloudOf(statsOf({ visible: 3 }), 60);
    await settle(cloud, { signal, clock: cloud.clock });
    expect(cloud.seconds()).toBeGreaterThanOrEqual(60);
    expect(cloud.seconds()).toBeLessThan(61);
  });

  it('tries what came back again after a standstill, ever later, and says so', async () => {
    const cloud = cloudOf(statsOf({ inFlight: 2 }), 460);
    const counts: number[] = [];
    await settle(cloud, { signal, clock: cloud.clock, onReleased: (count) => counts.push(count) });
    expect(cloud.releases).toEqual([30, 90, 210, 450]);
    expect(counts).toEqual([2, 2, 2, 2]);
  });

  it.each([
    ['while an invocation runs', statsOf({ inFlight: 2, running: 1 })],
    ['while messages are yet to be received', statsOf({ visible: 1, inFlight: 2 })],
  ])('leaves what came back alone %s', async (_, stats) => {
    const cloud = cloudOf(stats, 300);
    await settle(cloud, { signal, clock: cloud.clock });
    expect(cloud.releases).toEqual([]);
  });

  it('ends at its signal', async () => {
    const controller = new AbortController();
    const cloud = cloudOf(statsOf({ visible: 1 }), Infinity);
    const ended = settle(cloud, { signal: controller.signal });
    const reason = new Error('stop');
    controller.abort(reason);
    await expect(ended).rejects.toBe(reason);
  });
});
