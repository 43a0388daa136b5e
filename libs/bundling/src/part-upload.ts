import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { CallError, isSystemError, SystemFault } from '@data-aggregator/shared-processing/errors';
import type { Ledger } from '@data-aggregator/shared-processing/ledger';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import { type RetryRules, withRetries } from '@data-aggregator/shared-processing/retry';
import {
  type CopyRange,
  MAX_PARTS,
  MIN_PART_BYTES,
  type MultipartStore,
  type Upload,
  type UploadedPart,
} from '@data-aggregator/shared-processing/s3';
import type { PartSink } from './bundle/index.ts';

/** Bytes of a part, unless the bundle needs larger ones: large enough for few requests, small enough for many slots in memory. */
const PREFERRED_PART_BYTES = 8 * 1024 ** 2;

/** How much a bundle may exceed its members: frames of tar and of stored blocks. */
const MAX_GROWTH = 1.001;
const FRAME_BYTES = 1024 ** 2;

/**
 * The size of a bundle's parts, in bytes: such that the parts suffice and the memory holds at least two.
 *
 * @param bytes of all members
 */
export function partBytesFor(bytes: number, memoryBytes: number): number {
  const needed = Math.ceil((bytes * MAX_GROWTH + FRAME_BYTES) / MAX_PARTS);
  const wanted = Math.max(PREFERRED_PART_BYTES, needed);
  return Math.max(MIN_PART_BYTES, Math.min(wanted, Math.floor(memoryBytes / 2)));
}

/** Bytes of the largest member whose bundle can be uploaded in parts that the memory holds. */
export function maxStreamedBytes(memoryBytes: number): number {
  return Math.floor(((memoryBytes / 2) * MAX_PARTS - FRAME_BYTES) / MAX_GROWTH);
}

/** A part could not be stored, so the bundle cannot be published. Nothing of it is visible. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
}

/**
 * The upload of one bundle in parts. It begins with the first part:
 *
 *     create ── record the id in the ledger ── parts ──▶ may be completed
 *
 * The id is recorded before anything could be completed, because a takeover of a claim must be able to abort the upload.
 */
export interface PartUpload extends PartSink {
  /** @throws UploadError, SystemFault */
  put(number: number, bytes: Uint8Array): Promise<UploadedPart>;
  /** Stores a part that S3 copies. @throws UploadError, SystemFault, and CallError if S3 refuses because of the object that is copied */
  copy(number: number, from: CopyRange): Promise<UploadedPart>;
  /** The upload; undefined if it has not begun. */
  begun(): Promise<Upload | undefined>;
  /** Aborts the upload if it has begun, as far as possible. Only while nothing has tried to complete it. */
  abort(): Promise<void>;
}

/** Attempts of a copy. There are thousands, and S3 throttles some. */
const COPY_ATTEMPTS = 8;

export interface PartUploadDependencies extends Omit<RetryRules, 'signal'> {
  multipart: MultipartStore;
  ledger: Pick<Ledger, 'recordUpload'>;
  log: EventLog;
}

/**
 * @param object where the bundle will be
 * @param limits.until when to stop, ms since the epoch
 * @param limits.expires of the ledger's record, seconds since the epoch
 */
export function createPartUpload(
  object: { bucket: string; key: string; contentType: string },
  { until, expires }: { until: number; expires: number },
  dependencies: PartUploadDependencies,
): PartUpload {
  const { multipart, ledger, log, clock } = dependencies;
  const { bucket, key } = object;
  const stopped = new AbortController();
  let signal: AbortSignal | undefined;
  let beginning: Promise<Upload> | undefined;

  const rules = (): RetryRules => {
    signal ??= AbortSignal.any([stopped.signal, clock.signalAt(until)]);
    return { ...dependencies, signal };
  };

  const abort = async (upload: Upload): Promise<void> => {
    try {
      await withRetries(() => multipart.abort(upload), dependencies);
    } catch (error) {
      // A lifecycle rule aborts it later.
      log.warn('upload.unaborted', { bundle: key, error });
    }
  };

  const begin = async (): Promise<Upload> => {
    const uploadId = await withRetries(() => multipart.create(object, signal), rules());
    const upload = { bucket, key, uploadId };
    try {
      await ledger.recordUpload(key, uploadId, expires);
    } catch (error) {
      await abort(upload);
      throw error;
    }
    return upload;
  };

  return {
    async put(number, bytes) {
      if (number > MAX_PARTS) throw new UploadError(`${key} has more than ${MAX_PARTS} parts`);
      try {
        const upload = await (beginning ??= begin());
        const part = { number, bytes, crc64nvme: await checksumOf('crc64nvme', bytes) };
        return await withRetries(() => multipart.uploadPart(upload, part, signal), rules());
      } catch (error) {
        throw uploadFailure(key, error);
      }
    },

    async copy(number, from) {
      try {
        const upload = await (beginning ??= begin());
        const attempts = { ...rules(), attempts: COPY_ATTEMPTS };
        return await withRetries(() => multipart.copyPart(upload, number, from, signal), attempts);
      } catch (error) {
        throw isAboutSource(error) ? error : uploadFailure(key, error);
      }
    },

    begun: async () => beginning,
    stop: () => stopped.abort(),

    async abort() {
      stopped.abort();
      const upload = await beginning?.catch(() => undefined);
      if (upload) await abort(upload);
    },
  };
}

/** Whether S3 refused a copy because of the object that is copied: it is gone, has changed or is archived. */
function isAboutSource(error: unknown): boolean {
  return (
    error instanceof CallError &&
    error.outcome === 'refused' &&
    error.code !== 'NoSuchUpload' &&
    !isSystemError(error)
  );
}

/** The error of a bundle whose part could not be stored. */
function uploadFailure(key: string, cause: unknown): Error {
  if (isSystemError(cause)) return new SystemFault('bundles cannot be uploaded', { cause });
  if (cause instanceof CallError)
    return new UploadError(`${key} cannot be uploaded: ${cause.message}`, { cause });
  return cause instanceof Error ? cause : new Error(String(cause));
}
