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
 */
export function createBundleLookup(dependencies: {
  table: LedgerTable;
  publications: Publications;
  clock: Clock;
  random: () => number;
}): BundleLookup {
  const { table, publications } = dependencies;
  const published = new Map<string, ReadonlySet<string>>();
  const givenUp = new Set<string>();
  const asking = new Map<string, Promise<ReadonlySet<string> | undefined>>();

  const ask = async (bundle: string) => {
    const record = await withRetries(() => table.get(bundleId(bundle)), dependencies);
    if (record?.['givenUp']) givenUp.add(bundle);
    const packed = record?.['members'];
    const members =
      packed instanceof Uint8Array ? new Set(unpackIds(packed)) : await publications.membersOf(bundle);
    if (members) published.set(bundle, members);
    return members;
  };

  return {
    wasGivenUp: (bundle) => givenUp.has(bundle),
    async membersOf(bundle, expired) {
      const question = `${expired}/${bundle}`;
      const known = published.get(bundle) ?? asking.get(question);
      if (known) return known;
      const answer = ask(bundle).finally(() => asking.delete(question));
      asking.set(question, answer);
      return answer;
    },
  };
}
