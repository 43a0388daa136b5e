import { constants, createZstdCompress } from 'node:zlib';
import type { Codec, Encoder, Sink } from './codec.ts';
import { createCompressor } from './compressor.ts';
import { createWriteCoalescer } from './write-coalescer.ts';

export interface ZstdOptions {
  /** zstd's level: 1 (fastest) to 19 (smallest). */
  level: number;
}

/** Bytes passed to zstd per call: its maximum block size. */
const BATCH = 128 * 1024;

/** One zstd frame with a checksum. zstd itself detects incompressible data quickly. */
export function zstd({ level }: ZstdOptions): Codec {
  return {
    name: 'zstd',
    extension: '.tar.zst',
    contentType: 'application/zstd',
    createEncoder: (sink) => createZstdEncoder(level, sink),
  };
}

function createZstdEncoder(level: number, sink: Sink): Encoder {
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  const compressor = createCompressor(createZstdCompress({ params }));
  const pass = async (chunks: readonly Uint8Array[]): Promise<void> => {
    for (const chunk of chunks) await sink(chunk);
  };
  const gather = createWriteCoalescer<'any'>(BATCH, async (bytes) => pass(await compressor.write(bytes)));
  return {
    async write(bytes) {
      for (let start = 0; start < bytes.length; start += BATCH) {
        await gather.write(bytes.subarray(start, start + BATCH), 'any');
      }
    },
    async end() {
      await gather.flush();
      await pass(await compressor.end());
    },
    async close() {
      await gather.settled();
      compressor.close();
    },
  };
}
