import type { Cloud } from '@data-aggregator/local-cloud';
import { type Clock, systemClock } from '@data-aggregator/shared-processing/retry';
import { waitingIn } from './queues.ts';

export interface SettleOptions {
  signal: AbortSignal;
  /** Told where messages that came back are made visible before their time. */
  onReleased?: (count: number) => void;
  /** Milliseconds between two looks. */
  everyMs?: number;
  /** Milliseconds of standstill after which messages that came back are made visible; twice as long each time. */
  firstReleaseMs?: number;
  clock?: Clock;
}

/**
 * Waits until every notification has ended: in a bundle, as a duplicate, or in a dead-letter queue.
 *
 * A message that an invocation gives back stays hidden for six times the function's timeout, half an hour. Here it is
 * made visible sooner, but ever later, so that a claim of a dead builder expires (after 6 minutes) before the message
 * runs out of receives:
 *
 *     receive   1     2      3           4                        5
 *     seconds   0    30     90         210                      450
 *
 * @throws the signal's reason
 */
export async function settle(
  cloud: Pick<Cloud, 'stats' | 'idle' | 'releaseHidden'>,
  { signal, onReleased, everyMs = 250, firstReleaseMs = 30_000, clock = systemClock }: SettleOptions,
): Promise<void> {
  const ended = cloud.idle(signal).then(() => true);
  // It is awaited below, once a look is over; until then a rejection is not unhandled.
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
