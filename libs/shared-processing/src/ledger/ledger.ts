import { randomUUID } from 'node:crypto';
import { BasePersistenceLayer } from '@aws-lambda-powertools/idempotency/persistence';
import type { IdempotencyRecord } from '@aws-lambda-powertools/idempotency/persistence';
import type { Clock } from '../calls/index.ts';
import type { ObjectVersion } from '../s3-event/types.ts';
import {
  type Claim,
  type ClaimOutcome,
  claimObject,
  type LedgerDependencies,
  noteBundle,
  releaseObject,
} from './claims.ts';
import { markQuarantined } from './quarantine-marks.ts';
import { createBundleLookup, type Publications } from './publications.ts';
import { completeRecord, getRecord, putRecord, removeRecord } from './records.ts';
import type { LedgerTable } from './table.ts';

export interface LedgerOptions {
  table: LedgerTable;
  clock: Clock;
  /** Where bundles are looked up. Without it the ledger serves `makeIdempotent` only. */
  publications?: Publications;
  random?: () => number;
}

/**
 * The ledger that keeps work from being done twice, in two manners over one table:
 *
 * - a bundle at a time, for functions whose effect is a bundle: `claim`, `release`, `note`, and `quarantine` for what can never be in one;
 * - as a Powertools persistence layer, for `makeIdempotent`: a record a payload, with every write conditional, so that a
 *   record is completed or removed by its owner alone.
 */
export class Ledger extends BasePersistenceLayer {
  readonly #dependencies: LedgerDependencies;
  /** Owner marks of the records that this process has in progress, by idempotency key. */
  readonly #owned = new Map<string, string>();

  constructor({ table, clock, publications = nothingPublished, random = Math.random }: LedgerOptions) {
    super();
    const lookup = createBundleLookup({ table, publications, clock, random });
    this.#dependencies = { table, clock, lookup, random };
  }

  /** Claims an object version for a bundle; see `claimObject`. */
  claim(object: ObjectVersion, claim: Claim): Promise<ClaimOutcome> {
    return claimObject(object, claim, this.#dependencies);
  }

  /** Gives a claim up, where it is still the bundle's; see `releaseObject`. */
  release(object: ObjectVersion, bundle: string): Promise<void> {
    return releaseObject(object, bundle, this.#dependencies);
  }

  /** Notes a published bundle; see `noteBundle`. */
  note(bundle: string, members: readonly ObjectVersion[], expires: number): Promise<void> {
    return noteBundle(bundle, members, expires, this.#dependencies);
  }

  /** Marks an object version as quarantined; see `markQuarantined`. */
  quarantine(object: ObjectVersion, reason: string, expires: number): Promise<void> {
    return markQuarantined(object, reason, expires, this.#dependencies);
  }

  /**
   * Called by `makeIdempotent`.
   *
   * @throws where it was given no `keyPrefix`: by default records are kept under the name of the function that does the
   * work, and in an artifact that is whatever the minifier made of it in this build
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
    this.#owned.set(record.idempotencyKey, owner);
  }

  protected async _updateRecord(record: IdempotencyRecord): Promise<void> {
    await completeRecord(record, this.#disown(record), this.#dependencies);
  }

  protected async _deleteRecord(record: IdempotencyRecord): Promise<void> {
    await removeRecord(record, this.#disown(record), this.#dependencies);
  }

  #disown({ idempotencyKey }: IdempotencyRecord): string {
    const owner = this.#owned.get(idempotencyKey) ?? 'nobody';
    this.#owned.delete(idempotencyKey);
    return owner;
  }
}

const nothingPublished: Publications = {
  membersOf: () => Promise.reject(new Error('this ledger was made without a place to look bundles up')),
};
