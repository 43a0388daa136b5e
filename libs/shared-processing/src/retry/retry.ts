import { CallError } from '../errors/index.ts';
import type { Clock } from './clock.ts';

export interface RetryRules {
  clock: Clock;
  /** A number in [0, 1), for the jitter. */
  random: () => number;
  /** Attempts, including the first. */
  attempts?: number;
  /** Aborts the wait; no attempt follows. */
  signal?: AbortSignal | undefined;
}

const BASE_MS = 50;
const THROTTLED_BASE_MS = 250;
const MAX_MS = 5_000;

/**
 * Retries an idempotent call after throttling or an unknown outcome, with exponential back-off and full jitter. A
 * refusal is final. The SDK's own retries are off, so no others add up.
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
  return Math.floor(random() * Math.min(MAX_MS, base * 2 ** attempt));
}

function mayTryAgain(error: unknown): error is CallError {
  return error instanceof CallError && error.outcome !== 'refused';
}
