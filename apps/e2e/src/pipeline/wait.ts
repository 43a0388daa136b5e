import { systemClock } from '@data-aggregator/shared-processing/retry';

/** Waits for so many milliseconds. @throws the signal's reason, at once */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await systemClock.sleep(ms, signal);
  signal.throwIfAborted();
}
