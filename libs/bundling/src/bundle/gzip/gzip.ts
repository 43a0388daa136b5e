import { constants, crc32, createDeflateRaw } from 'node:zlib';
import type { Codec, Encoder, Sink } from '../codec/codec.ts';
import { createCompressor, type Compressor } from '../codec/compressor.ts';
import { createWriteCoalescer, type Run } from '../codec/write-coalescer.ts';
import type { Compressibility } from './compressibility.ts';
import { createCompressibilityTracker } from './compressibility-tracker.ts';
import { planTreatment } from './plan.ts';
import { sparseBlock } from './sparse-block.ts';
import { storedBlocks } from './stored-blocks.ts';

export interface GzipOptions {
  /** zlib's level: 1 (fastest) to 9 (smallest). The default has the lowest total cost. */
  level?: number;
}

/** The level with the lowest cost of CPU time and bytes together: see docs/cost.md. */
const DEFAULT_LEVEL = 6;

/** zlib's largest hash table: 128 KiB more than by default, 1 to 2 % less time, no larger output. */
const MEM_LEVEL = 9;

/** Bytes passed to zlib per call. */
const BATCH = 128 * 1024;

/** RFC 1952: deflate, no flags, no mtime, no name, unknown operating system. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/**
 * A single gzip member that spends no time on incompressible data:
 *
 * ```
 * header │ zlib … full flush │ stored │ sparse │ stored │ zlib … full flush │ stored … │ last, empty │ CRC-32, length
 *        └ compressible ─────┘└ incompressible bodies and their tar headers ┘
 * ```
 *
 * A full flush ends zlib's output on a byte boundary and clears its window, so that later output never refers back across
 * blocks that zlib has not seen.
 */
export function gzip({ level = DEFAULT_LEVEL }: GzipOptions = {}): Codec {
  return {
    name: 'gzip',
    extension: '.tar.gz',
    contentType: 'application/gzip',
    createEncoder: (sink) => createGzipEncoder(level, sink),
  };
}

function createGzipEncoder(level: number, sink: Sink): Encoder {
  const tracker = createCompressibilityTracker();
  let zlib: Compressor | undefined;
  let insideZlib = false;
  let begun = false;
  let crc = 0;
  let length = 0;

  const pass = async (chunks: Iterable<Uint8Array>): Promise<void> => {
    for (const chunk of chunks) await sink(chunk);
  };

  const begin = async (): Promise<void> => {
    if (begun) return;
    begun = true;
    await sink(HEADER);
  };

  const deflate = async (bytes: Uint8Array): Promise<void> => {
    zlib ??= createCompressor(createDeflateRaw({ level, memLevel: MEM_LEVEL, chunkSize: BATCH }));
    insideZlib = true;
    await pass(await zlib.write(bytes));
  };

  const leaveZlib = async (): Promise<void> => {
    if (zlib === undefined || !insideZlib) return;
    insideZlib = false;
    await pass(await zlib.flush(constants.Z_FULL_FLUSH));
  };

  const encode = async (bytes: Uint8Array, runs: readonly Run<Compressibility>[]): Promise<void> => {
    await begin();
    crc = crc32(bytes, crc);
    length += bytes.length;
    let start = 0;
    for (const { kind, end } of planTreatment(runs, !insideZlib)) {
      const piece = bytes.subarray(start, end);
      start = end;
      if (kind !== 'deflate') await leaveZlib();
      switch (kind) {
        case 'deflate':
          await deflate(piece);
          break;
        case 'store':
          await pass(storedBlocks(piece));
          break;
        case 'sparse':
          await sink(sparseBlock(piece));
          break;
      }
    }
  };

  const gather = createWriteCoalescer<Compressibility>(BATCH, encode);

  return {
    async write(bytes, part) {
      if (part === 'frame') {
        tracker.reset();
        await gather.write(bytes, 'compressible');
        return;
      }
      for (let start = 0; start < bytes.length; start += BATCH) {
        const piece = bytes.subarray(start, start + BATCH);
        await gather.write(piece, tracker.next(piece));
      }
    },

    async end() {
      await gather.flush();
      await begin();
      await leaveZlib();
      await pass(storedBlocks(new Uint8Array(0), true));
      const trailer = Buffer.alloc(8);
      trailer.writeUInt32LE(crc, 0);
      trailer.writeUInt32LE(length % 2 ** 32, 4);
      await sink(trailer);
    },

    async close() {
      await gather.settled();
      zlib?.close();
    },
  };
}
