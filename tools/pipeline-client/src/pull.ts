import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Measured, startMeasuring } from '@data-aggregator/shared-processing/checksum';
import { Failure } from './program.ts';

/** The consumer's view of the distribution bucket. */
export interface Consumer {
  /** Keys. */
  list(): Promise<string[]>;
  /**
   * `sha256`: the checksum in the bundle's metadata, hex. A bundle that was uploaded in parts has none; then S3's CRC-64/NVME
   * (`crc64nvme`, hex) takes its place.
   */
  get(key: string): Promise<{ body: Readable; sha256: string | undefined; crc64nvme?: string | undefined }>;
  /** `leftMarker`: whether S3 left a delete marker, which shows the ledger that the bundle was published. */
  remove(key: string): Promise<{ leftMarker: boolean }>;
}

export interface PulledBundle extends Measured {
  key: string;
  /** Path of the file. */
  file: string;
  /** What went wrong during the pull. */
  problem: string | undefined;
}

export interface PullOptions {
  signal: AbortSignal;
  onPulled?: (bundle: PulledBundle) => void;
}

/**
 * Pulls all waiting bundles: downloads each, compares it with its checksum, and only then deletes it.
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
  const { body, sha256, crc64nvme } = await consumer.get(key);
  const measured = await save(body, file);
  const problem =
    sha256 === undefined && crc64nvme !== undefined
      ? mismatch('CRC-64/NVME that S3 stores', measured.crc64nvme, crc64nvme)
      : mismatch('SHA-256 in its metadata', measured.sha256, sha256);
  if (problem !== undefined) return { ...measured, problem };
  const { leftMarker } = await consumer.remove(key);
  return { ...measured, problem: leftMarker ? undefined : 'deleting it left no delete marker' };
}

function mismatch(what: string, actual: string, stated: string | undefined): string | undefined {
  return actual === stated ? undefined : `its bytes do not match the ${what}, ${stated ?? 'none'}`;
}

/** Writes the whole file or nothing: a file with the bundle's name is complete. */
async function save(body: Readable, file: string): Promise<Measured> {
  const part = `${file}.part`;
  const measuring = await startMeasuring();
  async function* measured(chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      measuring.update(chunk);
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
  return measuring.result();
}

/** Bundle names are partly random; even so, never overwrite a file. */
function freePath(folder: string, name: string): string {
  for (let count = 1; ; count++) {
    const path = join(folder, count === 1 ? name : `${count}-${name}`);
    if (!existsSync(path)) return path;
  }
}
