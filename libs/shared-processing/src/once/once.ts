import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { systemClock } from '../calls/index.ts';
import { Ledger, type LedgerTable } from '../ledger/index.ts';

const SECONDS_PER_DAY = 86_400;

/** What the ledger needs to know of an invocation: how long until Lambda ends it. */
export interface Invocation {
  getRemainingTimeInMillis(): number;
}

export interface OnceSettings {
  /** The function's name. Equal payloads of different functions are different work. */
  name: string;
  table: LedgerTable;
  /** How long a result is kept, in days: longer than anything can ask for it again. */
  retentionDays: number;
}

/** Work that is done once, and what each invocation has to tell it. */
export interface Once<P extends object, R> {
  /**
   * Does the work, or gives the result that it had before.
   *
   * @throws IdempotencyAlreadyInProgressError while another invocation is at it; IdempotencyPersistenceLayerError where
   *   the ledger cannot be asked; what the work throws
   */
  once: (payload: P) => Promise<R>;
  /** Call it first in each invocation: work that an invocation did not survive is taken over when its time is over. */
  enterInvocation: (invocation: Invocation) => void;
}

/**
 * Makes work that is done once for equal payloads: asked for again, it gives the same result without doing anything. It
 * is refused while another invocation is at it, and may be tried again where it failed.
 */
export function createOnce<P extends object, R>(
  work: (payload: P) => Promise<R>,
  { name, table, retentionDays }: OnceSettings,
): Once<P, R> {
  const config = new IdempotencyConfig({ expiresAfterSeconds: retentionDays * SECONDS_PER_DAY });
  const persistenceStore = new Ledger({ table, clock: systemClock });
  const once = makeIdempotent(work, { persistenceStore, config, keyPrefix: name });
  return {
    once: (payload) => once(payload),
    enterInvocation: (invocation) =>
      config.registerLambdaContext(invocation as Parameters<typeof config.registerLambdaContext>[0]),
  };
}
