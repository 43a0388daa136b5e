import { ledgerHorizon } from '@data-aggregator/shared-processing/ledger';
import { type RetryRules, withRetries } from '@data-aggregator/shared-processing/retry';
import { NO_VERSION, type ObjectListing, type VersionMarker } from '@data-aggregator/shared-processing/s3';
import { isLeftInArchive, isPlanned, type Plan } from './plan.ts';

export interface SurveyDependencies extends RetryRules {
  listing: Pick<ObjectListing, 'versions'>;
  claimRetentionMs: number;
}

/** What S3 lists; nothing is looked up. */
export interface Survey {
  /** All versions with the prefix. */
  listed: number;
  /** Those of the plan. */
  examined: number;
  unversioned: number;
  archived: number;
  /** Bytes of the others. */
  bytes: number;
  /** Those that landed before the ledger's horizon. */
  old: number;
}

/**
 * Lists the versions of a plan and counts them. Stops early if the signal aborts.
 *
 * @param onPage called after each page
 * @throws CallError
 */
export async function survey(
  plan: Plan,
  signal: AbortSignal,
  onPage: (survey: Survey) => void,
  dependencies: SurveyDependencies,
): Promise<Survey> {
  const { listing, clock, claimRetentionMs } = dependencies;
  const { bucket, prefix } = plan;
  const horizon = ledgerHorizon(clock.now(), claimRetentionMs);
  const found = { listed: 0, examined: 0, unversioned: 0, archived: 0, bytes: 0, old: 0 };
  let after: VersionMarker | undefined;
  do {
    const start = { bucket, prefix, after };
    const page = await withRetries(() => listing.versions(start), dependencies);
    const planned = page.versions.filter((version) => isPlanned(plan, version));
    const versioned = planned.filter(({ versionId }) => versionId !== NO_VERSION);
    found.listed += page.versions.length;
    found.examined += planned.length;
    found.unversioned += planned.length - versioned.length;
    const readable = versioned.filter((version) => !isLeftInArchive(plan, version));
    found.archived += versioned.length - readable.length;
    found.bytes += readable.reduce((bytes, { size }) => bytes + size, 0);
    found.old += versioned.filter(({ lastModified }) => lastModified < horizon).length;
    onPage({ ...found });
    after = page.next;
  } while (after !== undefined && !signal.aborted);
  return found;
}
