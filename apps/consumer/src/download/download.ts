import { join } from 'node:path';
import * as v from 'valibot';
import { CallError } from '@data-aggregator/shared-processing/errors';
import { mapConcurrently, type RetryRules, withRetries } from '@data-aggregator/shared-processing/retry';
import type { Distribution } from '../aws/buckets.ts';
import type { Disk, DiskFile } from '../inbox/disk.ts';
import { makeFolder, unlessMissing } from '../inbox/durable.ts';
import { type ByteRange, missingRanges, RANGE_BYTES } from './ranges.ts';

/** A complete download. */
export interface Downloaded {
  file: string;
  versionId: string | undefined;
  /** Whether a part came from an earlier attempt. If the bundle is damaged, that part may be the reason. */
  resumed: boolean;
}

/** Which object the parts on disk belong to. */
const stateSchema = v.object({ etag: v.string(), size: v.number(), versionId: v.optional(v.string()) });
type DownloadState = v.InferOutput<typeof stateSchema>;

const CONCURRENT_RANGES = 8;
/** A body arrives in pieces of some KiB; they are written together. */
const WRITE_BYTES = 1024 ** 2;

/**
 * Downloads a bundle into a work folder, in parallel ranges, and continues an earlier attempt. Nothing is synced: the extracted files
 * are, and verification finds parts that a crash of the machine has lost.
 *
 *     work/<bundle>/bundle      the bytes, in place
 *     work/<bundle>/object      ETag, version and size of the object they belong to
 *     work/<bundle>/ranges      numbers of the complete ranges, one a line
 *
 * @returns undefined if the bundle is not there (any more)
 * @throws CallError; errors of the disk; the signal's reason
 */
export async function downloadBundle(
  key: string,
  folder: string,
  {
    distribution,
    signal,
    onBytes,
    disk,
    ...rules
  }: RetryRules & {
    distribution: Pick<Distribution, 'get'>;
    signal: AbortSignal;
    onBytes: (bytes: number) => void;
    disk: Disk;
  },
): Promise<Downloaded | undefined> {
  const file = join(folder, 'bundle');
  await makeFolder(folder, disk);
  const earlier = await readState(folder, disk);
  const done = new Set(earlier?.done);
  let state: DownloadState | undefined = earlier?.state;
  if (!earlier) for (const name of ['object', 'ranges']) await disk.rm(join(folder, name), { force: true });
  const handle = await disk.open(file, earlier ? 'r+' : 'w');

  async function fetchRange({ index, from, to }: ByteRange): Promise<void> {
    await withRetries(
      async () => {
        signal.throwIfAborted();
        const { body, etag, size, versionId } = await distribution.get(
          key,
          { from, to, ifMatch: state?.etag },
          signal,
        );
        if (state === undefined) {
          state = { etag, size, ...(versionId !== undefined && { versionId }) };
          await disk.writeFile(join(folder, 'object'), JSON.stringify(state));
        }
        const at = from + (await writeBody(body, handle, from, onBytes));
        const end = Math.min(size, to + 1);
        if (at !== end) {
          throw new CallError(`GET ${key}`, {
            outcome: 'unknown',
            code: 'Truncated',
            detail: `${at} of ${end} bytes`,
          });
        }
      },
      { ...rules, signal },
    );
    await disk.appendFile(join(folder, 'ranges'), `${index}\n`);
  }

  try {
    // The first range tells the size, so that a small bundle takes one request.
    if (state === undefined) {
      await fetchRange({ index: 0, from: 0, to: RANGE_BYTES - 1 });
      done.add(0);
    }
    const size = (state as DownloadState | undefined)?.size ?? 0;
    await mapConcurrently(missingRanges(size, done), CONCURRENT_RANGES, fetchRange);
    await handle.truncate(size);
    return {
      file,
      versionId: (state as DownloadState | undefined)?.versionId,
      resumed: done.size > 0 && earlier !== undefined,
    };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CallError && ['NoSuchKey', 'NotFound', 'MethodNotAllowed'].includes(error.code))
      return undefined;
    // Another object has the key now: the parts on disk are worthless.
    if (error instanceof CallError && error.code === 'PreconditionFailed')
      await disk.rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Writes a body at a position of a file. While it collects the next chunks, the last ones are written.
 *
 * @returns the number of bytes
 */
async function writeBody(
  body: AsyncIterable<Uint8Array>,
  handle: DiskFile,
  from: number,
  onBytes: (bytes: number) => void,
): Promise<number> {
  let chunks: Uint8Array[] = [];
  let [collected, written] = [0, 0];
  let writing: Promise<void> = Promise.resolve();
  const flush = async () => {
    await writing;
    writing = writeAll(handle, chunks, from + written);
    // Awaited before the next write, and at the end.
    writing.catch(() => undefined);
    written += collected;
    [chunks, collected] = [[], 0];
  };
  for await (const chunk of body) {
    chunks.push(chunk);
    collected += chunk.length;
    onBytes(chunk.length);
    if (collected >= WRITE_BYTES) await flush();
  }
  await flush();
  await writing;
  return written;
}

async function writeAll(handle: DiskFile, chunks: Uint8Array[], position: number): Promise<void> {
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  const { bytesWritten } = await handle.writev(chunks, position);
  // On a disk that is nearly full: the rest then fails, with the reason.
  if (bytesWritten < bytes) {
    const rest = Buffer.concat(chunks).subarray(bytesWritten);
    for (let at = 0; at < rest.length;) {
      at += (await handle.write(rest, at, rest.length - at, position + bytesWritten + at)).bytesWritten;
    }
  }
}

async function readState(
  folder: string,
  disk: Disk,
): Promise<{ state: DownloadState; done: number[] } | undefined> {
  const text = await unlessMissing(disk.readFile(join(folder, 'object'), 'utf8'));
  const lines = await unlessMissing(disk.readFile(join(folder, 'ranges'), 'utf8'));
  const file = await unlessMissing(disk.open(join(folder, 'bundle'), 'r'));
  await file?.close();
  if (text === undefined || lines === undefined || file === undefined) return undefined;
  try {
    const state = v.parse(stateSchema, JSON.parse(text));
    // The last line may be cut off.
    return {
      state,
      done: lines
        .split('\n')
        .slice(0, -1)
        .filter((line) => /^\d+$/.test(line))
        .map(Number),
    };
  } catch {
    // Half-written when the process died: begin again.
    return undefined;
  }
}
