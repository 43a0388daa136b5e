import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { systemClock } from '../retry/index.ts';
import type { LedgerTable } from '../ledger/index.ts';
import { LedgerPersistenceLayer } from './persistence-layer.ts';

const SECONDS_PER_DAY = 86_400;

/** The part of Lambda's context that says how much time an invocation has left. */
export interface Invocation {
  getRemainingTimeInMillis(): number;
}

export interface IdempotencySettings {
  /** The function's name. Equal payloads of different functions are different work. */
  name: string;
  table: LedgerTable;
  /** Days to keep a result: longer than anything can request it again. */
  retentionDays: number;
}

/** Idempotent work, and the call that each invocation must make first. */
export interface IdempotentWork<P extends object, R> {
  /**
   * Does the work, or returns the result it had before.
   *
   * @throws IdempotencyAlreadyInProgressError while another invocation works on it; IdempotencyPersistenceLayerError if the
   *   ledger is unavailable; whatever the work throws
   */
  once: (payload: P) => Promise<R>;
  /** Call this first in each invocation. Work of an invocation that died is taken over when its time has passed. */
  enterInvocation: (invocation: Invocation) => void;
}

/**
 * Makes work idempotent: for an equal payload it returns the first result without doing anything. It is refused while
 * another invocation works on it, and can be retried after it failed.
 */
export function createIdempotent<P extends object, R>(
  work: (payload: P) => Promise<R>,
  { name, table, retentionDays }: IdempotencySettings,
): IdempotentWork<P, R> {
  const config = new IdempotencyConfig({ expiresAfterSeconds: retentionDays * SECONDS_PER_DAY });
  const persistenceStore = new LedgerPersistenceLayer({ table, clock: systemClock });
  const once = makeIdempotent(work, { persistenceStore, config, keyPrefix: name });
  return {
    once: (payload) => once(payload),
    enterInvocation: (invocation) =>
      config.registerLambdaContext(invocation as Parameters<typeof config.registerLambdaContext>[0]),
  };
}
