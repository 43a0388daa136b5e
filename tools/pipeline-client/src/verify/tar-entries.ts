import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { BundleFormat } from '@data-aggregator/shared-processing/manifest';
import { extract } from 'tar-stream';

export interface TarEntry {
  name: string;
  /** `file`, or another type of tar, such as `symlink`. */
  type: string;
  /** Bytes. */
  size: number;
  /** Hex. */
  sha256: string;
}

/**
 * The entries of a bundle, in the tar's order.
 *
 * @throws Error if the file is not such a tar, or is truncated
 */
export async function tarEntries(file: string, format: BundleFormat): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  const reader = extract();
  const reading = pipeline(createReadStream(file), decompressor(format), reader);
  // Awaited below; until then, the reader reports its failure.
  reading.catch(() => undefined);
  for await (const entry of reader) {
    const digest = createHash('sha256');
    let size = 0;
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      digest.update(chunk);
      size += chunk.length;
    }
    const { name, type } = entry.header;
    entries.push({ name, type: type ?? 'file', size, sha256: digest.digest('hex') });
  }
  await reading;
  return entries;
}

function decompressor(format: BundleFormat) {
  switch (format) {
    case 'tar.gz':
      return createGunzip();
    case 'tar.zst':
      return createZstdDecompress();
  }
}
