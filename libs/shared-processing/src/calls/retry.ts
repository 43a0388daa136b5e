import { CallError } from './call-error.ts';
import type { Clock } from './clock.ts';

export interface RetryRules {
  clock: Clock;
  /** Number in [0, 1), for the jitter. */
  random: () => number;
  /** Tries in all. */
  attempts?: number;
  /** Ends the waiting, and with it the trying. */
  signal?: AbortSignal | undefined;
}

const BASE_MS = 50;
const THROTTLED_BASE_MS = 250;
const LONGEST_MS = 5_000;

/**
 * Makes a call that may be made twice, again where its outcome is unknown or it was throttled, with exponential
 * backoff and full jitter. A stated refusal is final. The clients' own retries are off, so these are the only ones.
 *
 * @throws the last attempt's error
 */
export async function withRetries<T>(call: () => Promise<T>, rules: RetryRules): Promise<T> {
  const { clock, random, attempts = 4, signal } = rules;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= attempts || !mayTryAgain(error) || signal?.aborted) throw error;
      await clock.sleep(backoffMs(error, attempt, random), signal);
      if (signal?.aborted) throw error;
    }
  }
}

/** Milliseconds to wait after the given attempt failed. */
export function backoffMs(error: CallError, attempt: number, random: () => number): number {
  const base = error.outcome === 'throttled' ? THROTTLED_BASE_MS : BASE_MS;
  return Math.floor(random() * Math.min(LONGEST_MS, base * 2 ** attempt));
}

function mayTryAgain(error: unknown): error is CallError {
  return error instanceof CallError && error.outcome !== 'refused';
}
