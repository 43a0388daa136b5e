import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure } from './program.ts';

/** The consumer's view of the distribution bucket. */
export interface Consumer {
  /** Keys. */
  list(): Promise<string[]>;
  /** `sha256`: the checksum in the bundle's metadata, hex. */
  get(key: string): Promise<{ body: Readable; sha256: string | undefined }>;
  /** `leftMarker`: whether S3 left a delete marker, which shows the ledger that the bundle was published. */
  remove(key: string): Promise<{ leftMarker: boolean }>;
}

export interface PulledBundle {
  key: string;
  /** Path of the file. */
  file: string;
  /** Bytes. */
  size: number;
  /** Hex. */
  sha256: string;
  /** What went wrong during the pull. */
  problem: string | undefined;
}

export interface PullOptions {
  signal: AbortSignal;
  onPulled?: (bundle: PulledBundle) => void;
}

/**
 * Pulls all waiting bundles: downloads each, compares it with the SHA-256 in its metadata, and only then deletes it.
 *
 * @param folder receives one file per bundle
 * @throws Failure if a file cannot be written; the signal's reason
 */
export async function pull(
  consumer: Consumer,
  folder: string,
  { signal, onPulled }: PullOptions,
): Promise<PulledBundle[]> {
  const pulled: PulledBundle[] = [];
  for (const key of await consumer.list()) {
    signal.throwIfAborted();
    const file = freePath(folder, basename(key));
    const bundle = { key, file, ...(await fetchTo(file, key, consumer)) };
    pulled.push(bundle);
    onPulled?.(bundle);
  }
  return pulled;
}

async function fetchTo(
  file: string,
  key: string,
  consumer: Consumer,
): Promise<Omit<PulledBundle, 'key' | 'file'>> {
  const { body, sha256: stated } = await consumer.get(key);
  const { size, sha256 } = await save(body, file);
  if (sha256 !== stated) {
    return {
      size,
      sha256,
      problem: `its bytes do not match the SHA-256 in its metadata, ${stated ?? 'none'}`,
    };
  }
  const { leftMarker } = await consumer.remove(key);
  return { size, sha256, problem: leftMarker ? undefined : 'deleting it left no delete marker' };
}

/** Writes the whole file or nothing: a file with the bundle's name is complete. */
async function save(body: Readable, file: string): Promise<{ size: number; sha256: string }> {
  const part = `${file}.part`;
  const digest = createHash('sha256');
  let size = 0;
  async function* measured(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      digest.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  try {
    await pipeline(body, measured, createWriteStream(part, { flags: 'wx' }));
    await rename(part, file);
  } catch (cause) {
    await rm(part, { force: true });
    throw new Failure(`${file} cannot be written: ${(cause as Error).message}.`, { cause });
  }
  return { size, sha256: digest.digest('hex') };
}

/** Bundle names are partly random; even so, never overwrite a file. */
function freePath(folder: string, name: string): string {
  for (let count = 1; ; count++) {
    const path = join(folder, count === 1 ? name : `${count}-${name}`);
    if (!existsSync(path)) return path;
  }
}
