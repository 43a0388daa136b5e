import { type Clock, withRetries } from '../retry/index.ts';
import { bundleId, unpackIds } from './ids.ts';
import type { LedgerTable } from './table.ts';

/** Looks bundles up in S3, whose state is the only proof of delivery. */
export interface Publications {
  /**
   * The object ids of a bundle's members; undefined if S3 does not have the bundle and never had it (a delete marker shows that the consumer
   * took it).
   *
   * @throws if S3 cannot be reached, or if a published bundle's manifest cannot be read: then nothing may be concluded
   */
  membersOf(bundle: string): Promise<ReadonlySet<string> | undefined>;
}

/** Ends the uploads of builders that are dead. */
export interface Uploads {
  /**
   * Makes sure that an upload can never become a bundle any more.
   *
   * @throws if S3 did not confirm it: then nothing may be concluded
   */
  abort(bundle: string, uploadId: string): Promise<void>;
}

export interface BundleLookup {
  /**
   * The object ids of a published bundle's members; undefined if it is not published.
   *
   * @param expired whether the caller has seen that the claims on this bundle expired. "Not published" is final only if S3 was
   *   asked after that, so callers before and after the expiry do not share a request.
   */
  membersOf(bundle: string, expired: boolean): Promise<ReadonlySet<string> | undefined>;
  /** Whether the bundle's builder recorded that it gave up; known once `membersOf` has answered. */
  wasGivenUp(bundle: string): boolean;
}

/**
 * Looks bundles up, first in the ledger's bundle records, then in S3. Published bundles are cached, because they stay
 * published. Others are looked up again each time, but concurrent callers share one lookup.
 *
 * @param dependencies.uploads for a caller that takes over claims; without it, the lookup changes nothing
 */
export function createBundleLookup(dependencies: {
  table: LedgerTable;
  publications: Publications;
  uploads?: Uploads | undefined;
  clock: Clock;
  random: () => number;
}): BundleLookup {
  const { table, publications, uploads } = dependencies;
  const published = new Map<string, ReadonlySet<string>>();
  const givenUp = new Set<string>();
  const asking = new Map<string, Promise<ReadonlySet<string> | undefined>>();

  const ask = async (bundle: string, expired: boolean) => {
    const record = await withRetries(() => table.get(bundleId(bundle)), dependencies);
    if (record?.['givenUp']) givenUp.add(bundle);
    const packed = record?.['members'];
    if (packed instanceof Uint8Array) return new Set(unpackIds(packed));
    const upload = record?.['upload'];
    /*
     * Completing a large upload takes minutes, so the grace does not bound when it takes effect. The abort does:
     *
     *     builder   create, record id, parts … complete ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ▶ NoSuchUpload
     *     claim     ──────────────────────────────────────┤ until
     *     taker                                               record, abort, HEAD: absent, take over
     *
     * If the completion wins, the abort finds no upload and the HEAD finds the bundle. The id is recorded before anything can be
     * completed, so a lookup after `until` sees it.
     */
    if (expired && uploads && typeof upload === 'string') await uploads.abort(bundle, upload);
    return publications.membersOf(bundle);
  };

  return {
    wasGivenUp: (bundle) => givenUp.has(bundle),
    async membersOf(bundle, expired) {
      const question = `${expired}/${bundle}`;
      const known = published.get(bundle) ?? asking.get(question);
      if (known) return known;
      const answer = ask(bundle, expired).finally(() => asking.delete(question));
      asking.set(question, answer);
      const members = await answer;
      if (members) published.set(bundle, members);
      return members;
    },
  };
}
