import { type Clock, withRetries } from '../retry/index.ts';
import { bundleId, unpackIds } from './ids.ts';
import type { LedgerTable } from './table.ts';

/** What S3 says about bundles: the only proof of delivery. */
export interface Publications {
  /**
   * The object ids of a bundle's members; undefined if S3 does not have the bundle and never had it (a delete marker shows that the consumer
   * took it).
   *
   * @throws if S3 gives no answer, or if a published bundle's manifest cannot be read: then nothing may be concluded
   */
  membersOf(bundle: string): Promise<ReadonlySet<string> | undefined>;
}

export interface BundleLookup {
  /**
   * The object ids of a published bundle's members; undefined if it is not published.
   *
   * @param expired whether the asker has seen the bundle's claims expired. An answer "not published" is shared only among
   * those who have, or have not, since only a question asked after the expiry gets a final answer.
   */
  membersOf(bundle: string, expired: boolean): Promise<ReadonlySet<string> | undefined>;
  /** Whether the bundle's builder recorded that it gave up; known once `membersOf` has answered. */
  wasGivenUp(bundle: string): boolean;
}

/**
 * Looks bundles up: first the ledger's note, then S3. What is published stays so, and is remembered; what is not
 * published is asked again, but once for all who ask at the same time.
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
    const note = await withRetries(() => table.get(bundleId(bundle)), dependencies);
    if (note?.['givenUp']) givenUp.add(bundle);
    const packed = note?.['members'];
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
