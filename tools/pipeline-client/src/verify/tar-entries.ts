import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { decompressor } from '@data-aggregator/shared-processing/archive';
import { measure, type Measured } from '@data-aggregator/shared-processing/checksum';
import type { BundleFormat } from '@data-aggregator/shared-processing/manifest';
import { extract } from 'tar-stream';

export interface TarEntry extends Measured {
  name: string;
  /** `file`, or another type of tar, such as `symlink`. */
  type: string;
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
    const measured = await measure(entry as AsyncIterable<Buffer>);
    const { name, type } = entry.header;
    entries.push({ name, type: type ?? 'file', ...measured });
  }
  await reading;
  return entries;
}
