import type { Cloud } from '@data-aggregator/local-cloud';
import { type Clock, systemClock } from '@data-aggregator/shared-processing/retry';
import { waitingIn } from './queues.ts';

export interface WaitOptions {
  signal: AbortSignal;
  /** Called with the number of returned messages that were made visible early. */
  onReleased?: (count: number) => void;
  /** Milliseconds between two polls. */
  everyMs?: number;
  /** Milliseconds of standstill after which returned messages are made visible; doubles each time. */
  firstReleaseMs?: number;
  clock?: Clock;
}

/**
 * Waits until every notification is processed: bundled, dropped as a duplicate, or in a dead-letter queue.
 *
 * A message that an invocation returns stays hidden until its visibility timeout ends. Here it is made visible earlier, with
 * growing pauses, so that a dead builder's claim expires (after 6 minutes) before the message runs out of receives:
 *
 *     receive   1     2      3           4                        5
 *     seconds   0    30     90         210                      450
 *
 * @throws the signal's reason
 */
export async function waitUntilProcessed(
  cloud: Pick<Cloud, 'stats' | 'idle' | 'releaseHidden'>,
  { signal, onReleased, everyMs = 250, firstReleaseMs = 30_000, clock = systemClock }: WaitOptions,
): Promise<void> {
  const ended = cloud.idle(signal).then(() => true);
  // Awaited in the loop; until then, a rejection must not count as unhandled.
  ended.catch(() => undefined);

  let standstillMs = 0;
  let releaseAfterMs = firstReleaseMs;
  for (;;) {
    const before = clock.now();
    if (await Promise.race([ended, clock.sleep(everyMs).then(() => false)])) break;
    const stats = await cloud.stats();
    const { visible, inFlight } = waitingIn(stats);
    const standsStill = stats.running === 0 && visible === 0 && inFlight > 0;
    standstillMs = standsStill ? standstillMs + clock.now() - before : 0;
    if (standstillMs >= releaseAfterMs) {
      const released = await cloud.releaseHidden();
      if (released > 0) {
        onReleased?.(released);
        releaseAfterMs *= 2;
      }
      standstillMs = 0;
    }
  }
}
