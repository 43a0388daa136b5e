import { randomUUID } from 'node:crypto';
import { BasePersistenceLayer, type IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence';
import type { Clock } from '../retry/index.ts';
import type { LedgerTable } from '../ledger/index.ts';
import { completeRecord, getRecord, putRecord, type RecordDependencies, removeRecord } from './records.ts';

/**
 * Powertools' persistence layer over the ledger's table, for `makeIdempotent`. Unlike Powertools' own DynamoDB layer, every write
 * is conditional, so only its owner completes or removes a record.
 */
export class LedgerPersistenceLayer extends BasePersistenceLayer {
  readonly #dependencies: RecordDependencies;
  /** Owner of each record that this process has in progress, by idempotency key. */
  readonly #owners = new Map<string, string>();

  constructor(dependencies: { table: LedgerTable; clock: Clock; random?: () => number }) {
    super();
    this.#dependencies = { random: Math.random, ...dependencies };
  }

  /**
   * Called by `makeIdempotent`.
   *
   * @throws Error without a `keyPrefix`: by default, records are keyed by the function's name, which the minifier changes with
   *   every build
   */
  override configure(options: Parameters<BasePersistenceLayer['configure']>[0]): void {
    if (!options.keyPrefix?.trim()) {
      throw new Error(
        'makeIdempotent needs a keyPrefix: minified functions change their names with every build',
      );
    }
    super.configure(options);
  }

  protected _getRecord(idempotencyKey: string): Promise<IdempotencyRecord> {
    return getRecord(idempotencyKey, this.#dependencies);
  }

  protected async _putRecord(record: IdempotencyRecord): Promise<void> {
    const owner = randomUUID();
    await putRecord(record, owner, this.#dependencies);
    this.#owners.set(record.idempotencyKey, owner);
  }

  protected async _updateRecord(record: IdempotencyRecord): Promise<void> {
    await completeRecord(record, this.#takeOwner(record), this.#dependencies);
  }

  protected async _deleteRecord(record: IdempotencyRecord): Promise<void> {
    await removeRecord(record, this.#takeOwner(record), this.#dependencies);
  }

  /** The owner of a record, which ends with this call. */
  #takeOwner({ idempotencyKey }: IdempotencyRecord): string {
    const owner = this.#owners.get(idempotencyKey) ?? 'nobody';
    this.#owners.delete(idempotencyKey);
    return owner;
  }
}
