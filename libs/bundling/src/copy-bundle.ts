import { checksumOf, joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import { CallError } from '@data-aggregator/shared-processing/errors';
import {
  openUnverified,
  ReadError,
  readFailureOf,
  type VerifiedBy,
} from '@data-aggregator/shared-processing/reader';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import {
  type ByteRange,
  type CopyRange,
  copyRanges,
  MAX_PART_BYTES,
  MAX_PARTS,
  MIN_PART_BYTES,
  type UploadedPart,
} from '@data-aggregator/shared-processing/s3';
import type { ObjectVersion } from '@data-aggregator/shared-processing/s3-event';
import {
  type BuildDependencies,
  type Built,
  nameOfSingle,
  outcomeOfFailure,
  outcomeOfSize,
  tooSlow,
} from './build.ts';
import { memberHeader, padding, TAR_END } from './bundle/index.ts';
import type { Candidate } from './outcome.ts';
import type { PartUpload } from './part-upload.ts';
import type { BuiltBundle } from './publish.ts';
import { hasAllTime, type TimeBudget } from './time-budget.ts';

/** How an object is divided into parts. */
export interface CopyLimits {
  /** Bytes at the start of the object that are uploaded together with its tar header, because a part has a minimum size. */
  headBytes: number;
  /** Bytes of a copied range, unless the object needs larger ones. */
  rangeBytes: number;
  /** Copies in progress. */
  concurrency: number;
}

export const COPY_LIMITS: CopyLimits = {
  headBytes: MIN_PART_BYTES,
  // Large enough that a request's overhead does not matter, small enough that many run at once.
  rangeBytes: 1024 ** 3,
  concurrency: 100,
};

/** One part is uploaded with the header, and one with the padding. */
const MAX_RANGES = MAX_PARTS - 2;

/** Bytes of the largest object that can be copied into a bundle. */
export const MAX_COPIED_BYTES = MIN_PART_BYTES + MAX_RANGES * MAX_PART_BYTES;

/** Bytes of the smallest object that can be copied: every copied range is a part that is not the last. */
export function minCopiedBytes({ headBytes }: CopyLimits): number {
  return 2 * headBytes;
}

export interface CopyDependencies extends BuildDependencies {
  copyLimits: CopyLimits;
}

/**
 * Builds a bundle with one large member whose bytes stay in S3:
 *
 *     part 1           parts 2 … n − 1                        part n
 *     header, start    ranges, copied by S3                   padding, end of archive
 *     └─ uploaded ─┘   └─ UploadPartCopy ─────────────────┘   └─ uploaded ─┘
 *
 * No byte but the start is read. The CRC-64/NVME of every part comes from S3, and their combination must equal the one that S3 stores of
 * the object, if it stores one.
 *
 * @throws UploadError, SystemFault
 */
export async function copyBundle(
  candidate: Candidate,
  target: { bucket: string; key: string },
  upload: PartUpload,
  budget: TimeBudget,
  dependencies: CopyDependencies,
): Promise<Built & { bundle: BuiltBundle | undefined; tarSize: number }> {
  const { copyLimits, clock } = dependencies;
  const hadAllTime = hasAllTime(budget, clock);
  const nothing = (left: Built['left']) => ({ members: [], left, bundle: undefined, tarSize: 0 });
  try {
    const signal = clock.signalAt(budget.buildUntil);
    const { size, lastModified, checksum, body, close } = await openUnverified(candidate.landed, {
      ...dependencies,
      signal,
    });
    const isTooSmall = size < minCopiedBytes(copyLimits);
    const refused = outcomeOfSize(size, dependencies.maxObjectBytes);
    if (refused || isTooSmall) {
      close();
      return nothing(new Map([[candidate, refused ?? { kind: 'size-changed', size }]]));
    }
    const name = nameOfSingle(candidate);
    const header = memberHeader({ name, size, mtime: lastModified });
    const start = await startOf(body, header, copyLimits.headBytes);
    const ranges = rangesOf(size, copyLimits);
    const tail = Buffer.concat([padding(size), TAR_END]);

    const first = await upload.put(1, start);
    const copies = await mapConcurrently([...ranges.entries()], copyLimits.concurrency, ([index, range]) =>
      upload.copy(index + 2, { ...sourceOf(candidate.landed), ...range }).catch((error: unknown) => {
        // The others would only delay the answer.
        upload.stop();
        throw error;
      }),
    );
    const last = await upload.put(ranges.length + 2, tail);

    const content = start.subarray(header.length);
    const head = { size: content.length, crc64nvme: await checksumOf('crc64nvme', content) };
    const { crc64nvme } = joinCrc64([head, ...copies]);
    let verifiedBy: VerifiedBy = 'none';
    if (checksum?.algorithm === 'crc64nvme') {
      if (checksum.hex !== crc64nvme) {
        const { bucket, key } = candidate.landed;
        const detail = `its crc64nvme is ${crc64nvme} instead of ${checksum.hex}`;
        throw new ReadError('corrupted', `${bucket}/${key} was copied corrupted: ${detail}`);
      }
      verifiedBy = 'crc64nvme';
    }
    const parts: UploadedPart[] = [first, ...copies, last];
    const begun = await upload.begun();
    if (!begun) throw new Error(`${target.key} has parts, but no upload`);
    const { bucket, key } = target;
    const whole = joinCrc64(parts);
    return {
      members: [{ candidate, name, size, crc64nvme, verifiedBy, lastModified }],
      left: new Map(),
      bundle: { kind: 'parts', object: { bucket, key, ...whole }, upload: begun, parts },
      tarSize: whole.size,
    };
  } catch (error) {
    // What is not a system fault or about the upload is about the object.
    const cause =
      error instanceof CallError
        ? new ReadError(readFailureOf(error), error.message, { cause: error })
        : error;
    const outcome = outcomeOfFailure(cause, candidate);
    const isOutOfTime = hadAllTime && clock.now() >= budget.buildUntil;
    return nothing(new Map([[candidate, isOutOfTime ? tooSlow(outcome, candidate) : outcome]]));
  }
}

/** The header and the first bytes of the object. Ends the body. */
async function startOf(
  body: AsyncIterable<Uint8Array>,
  header: Uint8Array,
  headBytes: number,
): Promise<Uint8Array> {
  const start = Buffer.allocUnsafe(header.length + headBytes);
  start.set(header);
  let filled = header.length;
  for await (const chunk of body) {
    const taken = chunk.subarray(0, start.length - filled);
    start.set(taken, filled);
    filled += taken.length;
    if (filled === start.length) break;
  }
  return start;
}

/** The ranges after the start. */
export function rangesOf(size: number, { headBytes, rangeBytes }: CopyLimits): ByteRange[] {
  return copyRanges({ start: headBytes, end: size }, rangeBytes, MAX_RANGES);
}

function sourceOf({ bucket, key, version }: ObjectVersion): Omit<CopyRange, 'start' | 'end'> {
  const pin = version.kind === 'id' ? { versionId: version.versionId } : { ifMatch: version.etag };
  return { bucket, key, ...pin };
}
