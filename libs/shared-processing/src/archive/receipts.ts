import { BUNDLE_PREFIX, bundleTime, hourPrefix } from '../bundle-key/index.ts';
import { CallError } from '../errors/index.ts';
import {
  bundleKeyOfReceipt,
  MAX_RECEIPT_BYTES,
  onDiskAt,
  parseReceipt,
  type Receipt,
  RECEIPT_PREFIX,
  ReceiptError,
  receiptKey,
} from '../receipt/index.ts';
import { type RetryRules, withRetries } from '../retry/index.ts';
import { type ListingStart, type ObjectStore, readTextObject, TOO_LARGE } from '../s3/index.ts';
import { type ArchiveDependencies, sectionsOf, type TimeRange } from './bundles-between.ts';

/** A bundle's receipt, and when its files reached the consumer's disk. */
export interface StoredReceipt {
  receipt: Receipt;
  /** ms since the epoch; see `onDiskAt`. */
  onDiskAt: number;
}

/**
 * Reads the receipt of a bundle.
 *
 * @param bundle its key in the distribution bucket
 * @param archive name of the archive bucket
 * @returns undefined if there is none
 * @throws ReceiptError, CallError
 */
export async function readReceipt(
  bundle: string,
  archive: string,
  dependencies: RetryRules & { store: Pick<ObjectStore, 'get'> },
): Promise<StoredReceipt | undefined> {
  const key = receiptKey(bundle);
  const where = `${archive}/${key}`;
  try {
    const { text, lastModified } = await withRetries(
      () => readTextObject(archive, key, dependencies.store, MAX_RECEIPT_BYTES),
      dependencies,
    );
    const receipt = parseReceipt(text, where);
    if (receipt.bundle.key !== bundle) throw new ReceiptError(`${where} is about ${receipt.bundle.key}`);
    return { receipt, onDiskAt: onDiskAt(receipt, lastModified) };
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    if (error.code === 'NoSuchKey') return undefined;
    if (error.code === TOO_LARGE) throw new ReceiptError(`${where} is too large`, { cause: error });
    throw error;
  }
}

/**
 * Lists the bundles whose receipts were stored in a range of time, without replayed ones. Reads the listing pages of all bundles
 * that were started since `startedFrom`, one at a time; with groups, at least one page for each group. Yields the bundles of each
 * page, also if there are none, so that the caller can stop in time.
 *
 * @param startedFrom ms since the epoch: bundles that were started earlier are omitted
 * @throws CallError
 */
export async function* receiptsBetween(
  { from, to }: TimeRange,
  startedFrom: number,
  dependencies: ArchiveDependencies,
): AsyncGenerator<string[], void, void> {
  const { listing, archive: bucket } = dependencies;
  const started = { from: Math.max(0, startedFrom), to };
  const sections = await sectionsOf(`${RECEIPT_PREFIX}${BUNDLE_PREFIX}`, started, dependencies);
  for (const { prefix, group } of sections) {
    let after: string | undefined = `${RECEIPT_PREFIX}${hourPrefix(started.from, group)}`;
    while (after !== undefined) {
      const start: ListingStart<string> = { bucket, prefix, after };
      const { objects, next } = await withRetries(() => listing.objects(start), dependencies);
      yield objects.flatMap(({ key, lastModified }) => {
        const bundle = bundleKeyOfReceipt(key);
        if (bundle === undefined || bundleTime(bundle) === undefined) return [];
        return lastModified >= from && lastModified < to ? [bundle] : [];
      });
      after = next;
    }
  }
}
