import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import zlib from 'node:zlib';
import { createDecompressor, isCorrupt } from './decompressor.ts';

describe('isCorrupt', () => {
  it.each([
    ['tar.gz', zlib.gzipSync('content')],
    ['tar.zst', zlib.zstdCompressSync('content')],
  ])('finds a %s corrupt that begins or ends wrongly', async (format, whole) => {
    for (const bytes of [Buffer.from('content'), whole.subarray(0, -1)]) {
      const decompressor = createDecompressor(format, 1024);
      decompressor?.end(bytes);
      const error: unknown = await text(decompressor ?? Readable.from([])).catch((thrown: unknown) => thrown);
      expect(isCorrupt(error)).toBe(true);
    }
  });

  it.each([
    'Z_MEM_ERROR',
    'ZSTD_error_memory_allocation',
    'ERR_ZLIB_INITIALIZATION_FAILED',
    'ERR_ZSTD_INVALID_PARAM',
    'ENOSPC',
    undefined,
  ])('does not blame the bundle for %s', (code) => {
    expect(isCorrupt(Object.assign(new Error('failed'), { code }))).toBe(false);
  });
});

it('refuses zstd if this Node does not have it', () => {
  const name = 'createZstdDecompress';
  const original = Object.getOwnPropertyDescriptor(zlib, name) ?? {};
  Object.defineProperty(zlib, name, { ...original, value: undefined });
  try {
    const create = () => createDecompressor('tar.zst', 1024);
    expect(create).toThrow(expect.objectContaining({ reason: 'format-unsupported' }));
  } finally {
    Object.defineProperty(zlib, name, original);
  }
});
