import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { DamagedBundle } from './damaged-bundle.ts';

/**
 * A decompressor that asks for the next chunk only when it has consumed the last one, so the memory of chunks can be reused.
 *
 * @returns undefined for a tar without compression
 * @throws DamagedBundle if this program cannot decompress the format
 */
export function createDecompressor(format: string, chunkSize: number): Transform | undefined {
  const options = { chunkSize, writableHighWaterMark: 1 };
  switch (format) {
    case 'tar':
      return undefined;
    case 'tar.gz':
      return zlib.createGunzip(options);
    case 'tar.zst':
      // Node 22.15 and 23.8 brought zstd. An import by name would keep older versions from starting.
      if (typeof zlib.createZstdDecompress !== 'function') {
        throw new DamagedBundle(
          'format-unsupported',
          `Node ${process.version} cannot decompress zstd: use Node 22.15 or newer, then replay the bundle`,
        );
      }
      return zlib.createZstdDecompress(options);
    default:
      throw new DamagedBundle(
        'format-unsupported',
        `the format ${JSON.stringify(format)} is unknown to this version`,
      );
  }
}

/** Errors of a decompressor that has too little memory. */
const SHORTAGES: ReadonlySet<string> = new Set(['Z_MEM_ERROR', 'ZSTD_error_memory_allocation']);

/** Whether a decompressor failed because of its input, and would fail again. */
export function isCorrupt(error: unknown): boolean {
  const code = String((error as NodeJS.ErrnoException).code);
  return /^Z(?:STD)?_/.test(code) && !SHORTAGES.has(code);
}
