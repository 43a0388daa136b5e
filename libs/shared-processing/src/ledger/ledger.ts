import type { Clock } from '../retry/index.ts';
import type { ObjectVersion } from '../s3-event/object-version.ts';
import {
  type Claim,
  type ClaimOutcome,
  claimObject,
  type LedgerDependencies,
  recordBundleMembers,
  recordGivenUp,
  recordUpload,
  type Release,
  releaseObject,
} from './claims.ts';
import { markQuarantined } from './quarantine-marks.ts';
import { createBundleLookup, type Publications, type Uploads } from './publications.ts';
import type { LedgerTable } from './table.ts';

export interface LedgerOptions {
  table: LedgerTable;
  clock: Clock;
  /** Looks bundles up in S3. */
  publications: Publications;
  /** Aborts the uploads of dead builders before their claims are taken over. */
  uploads: Uploads;
  random?: () => number;
}

/** The claims API of the ledger: keeps an object version from being delivered twice. */
export class Ledger {
  readonly #dependencies: LedgerDependencies;

  constructor({ table, clock, publications, uploads, random = Math.random }: LedgerOptions) {
    const lookup = createBundleLookup({ table, publications, uploads, clock, random });
    this.#dependencies = { table, clock, lookup, random };
  }

  /** Claims an object version for a bundle; see `claimObject`. */
  claim(object: ObjectVersion, claim: Claim): Promise<ClaimOutcome> {
    return claimObject(object, claim, this.#dependencies);
  }

  /** Releases a claim if it still belongs to the bundle; see `releaseObject`. */
  release(object: ObjectVersion, release: Release): Promise<void> {
    return releaseObject(object, release, this.#dependencies);
  }

  /** Records the upload of a bundle in parts, before it can be completed; see `recordUpload`. */
  recordUpload(bundle: string, uploadId: string, expires: number): Promise<void> {
    return recordUpload(bundle, uploadId, expires, this.#dependencies);
  }

  /** Records that a bundle was not published by a builder that is still alive; see `recordGivenUp`. */
  giveUp(bundle: string, expires: number, uploadId?: string): Promise<void> {
    return recordGivenUp(bundle, expires, uploadId, this.#dependencies);
  }

  /** Records a published bundle; see `recordBundleMembers`. */
  recordBundle(bundle: string, members: readonly ObjectVersion[], expires: number): Promise<void> {
    return recordBundleMembers(bundle, members, expires, this.#dependencies);
  }

  /** Marks an object version as quarantined; see `markQuarantined`. */
  quarantine(object: ObjectVersion, reason: string, expires: number): Promise<void> {
    return markQuarantined(object, reason, expires, this.#dependencies);
  }
}
