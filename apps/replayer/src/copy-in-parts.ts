import { joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import { bundleId, type LedgerTable } from '@data-aggregator/shared-processing/ledger';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import { mapConcurrently, type RetryRules, withRetries } from '@data-aggregator/shared-processing/retry';
import { copyRanges, MAX_PARTS, type MultipartStore } from '@data-aggregator/shared-processing/s3';

export interface CopyInPartsDependencies extends RetryRules {
  multipart: MultipartStore;
  table: LedgerTable;
  log: EventLog;
  /** Bytes of a copied range, unless the bundle needs larger ones. */
  rangeBytes: number;
  /** Copies in progress, for each bundle. */
  concurrentRanges: number;
}

/** How long the id of an upload is kept, in seconds: longer than the lifecycle rule keeps the upload. */
export const RECORD_SECONDS = 14 * 86_400;

export interface CopyInParts {
  from: { bucket: string; key: string; etag: string };
  to: { bucket: string; key: string; contentType: string };
  size: number;
  /** The CRC-64/NVME that the copy must have, hex. */
  crc64nvme: string;
}

/**
 * Makes sure that what an earlier run of the request began can no longer be completed: its response may have been lost, and completing a
 * large upload takes minutes. Call it before asking whether the copy exists.
 *
 * @throws CallError
 */
export async function abortEarlierCopy(
  bucket: string,
  key: string,
  { table, multipart, ...rules }: CopyInPartsDependencies,
): Promise<void> {
  const record = await withRetries(() => table.get(bundleId(key)), rules);
  const uploadId = record?.['upload'];
  if (typeof uploadId !== 'string') return;
  await withRetries(() => multipart.abort({ bucket, key, uploadId }), rules);
}

/**
 * Copies an object of any size within S3 if it is unchanged and the target key has no object. Its upload is recorded, for
 * `abortEarlierCopy`, and completed in one attempt.
 *
 * @returns a difference between the copied bytes and the checksum, which was not made visible; undefined if there is none
 * @throws CallError
 */
export async function copyInParts(
  { from, to, size, crc64nvme }: CopyInParts,
  dependencies: CopyInPartsDependencies,
): Promise<string | undefined> {
  const { multipart, table, log, rangeBytes, concurrentRanges, ...rules } = dependencies;
  const uploadId = await withRetries(() => multipart.create(to), rules);
  const upload = { bucket: to.bucket, key: to.key, uploadId };
  let isCompleting = false;
  try {
    const expires = Math.ceil(rules.clock.now() / 1000) + RECORD_SECONDS;
    await withRetries(() => table.put({ id: bundleId(to.key), upload: uploadId, expires }), rules);
    const ranges = copyRanges({ start: 0, end: size }, rangeBytes, MAX_PARTS);
    const parts = await mapConcurrently([...ranges.entries()], concurrentRanges, ([index, range]) => {
      const source = { bucket: from.bucket, key: from.key, ifMatch: from.etag, ...range };
      return withRetries(() => multipart.copyPart(upload, index + 1, source), rules);
    });
    const whole = joinCrc64(parts);
    if (whole.crc64nvme !== crc64nvme) {
      return `S3 copied bytes with the CRC-64/NVME ${whole.crc64nvme}, but the manifest says ${crc64nvme}`;
    }
    isCompleting = true;
    await multipart.complete(upload, parts, whole);
    return undefined;
  } finally {
    if (!isCompleting) {
      await withRetries(() => multipart.abort(upload), rules).catch((error: unknown) =>
        // A lifecycle rule aborts it later.
        log.warn('upload.unaborted', { bundle: to.key, error }),
      );
    }
  }
}
