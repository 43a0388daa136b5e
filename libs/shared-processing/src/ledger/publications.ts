import { type Clock, withRetries } from '../calls/index.ts';
import { bundleId, unpackIds } from './ids.ts';
import type { LedgerTable } from './table.ts';

/** What is asked of S3 about bundles: the only proof that something was delivered. */
export interface Publications {
  /**
   * The object ids of a bundle's members, or undefined where S3 does not hold the bundle and never did (a delete marker
   * says that the consumer took it).
   *
   * @throws where S3 does not say, or the manifest of a published bundle cannot be read: then nothing may be concluded
   */
  membersOf(bundle: string): Promise<ReadonlySet<string> | undefined>;
}

export interface BundleLookup {
  /**
   * The object ids of a published bundle's members, or undefined where it is not published.
   *
   * @param lapsed whether the asker has seen the bundle's claims lapsed. An answer "not published" is shared only among
   * those who have, or have not, since only a question asked after the lapse gets a final answer.
   */
  membersOf(bundle: string, lapsed: boolean): Promise<ReadonlySet<string> | undefined>;
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
  const asking = new Map<string, Promise<ReadonlySet<string> | undefined>>();

  const ask = async (bundle: string) => {
    const note = await withRetries(() => table.get(bundleId(bundle)), dependencies);
    const packed = note?.['members'];
    const members =
      packed instanceof Uint8Array ? new Set(unpackIds(packed)) : await publications.membersOf(bundle);
    if (members) published.set(bundle, members);
    return members;
  };

  return {
    async membersOf(bundle, lapsed) {
      const question = `${lapsed}/${bundle}`;
      const known = published.get(bundle) ?? asking.get(question);
      if (known) return known;
      const answer = ask(bundle).finally(() => asking.delete(question));
      asking.set(question, answer);
      return answer;
    },
  };
}
