import { constants, createDeflateRaw, createZstdCompress, inflateRawSync } from 'node:zlib';
import { text } from '../testing/content.ts';
import { createCompressor } from './compressor.ts';

describe('the compressor', () => {
  it('flushes everything, even what the stream still holds back', async () => {
    const stream = createDeflateRaw();
    const compressor = createCompressor(stream);
    stream.pause();
    const content = text(10_000);
    const written = await compressor.write(content);
    const flushed = await compressor.flush(constants.Z_FULL_FLUSH);
    const out = Buffer.concat([...written, ...flushed]);
    expect(inflateRawSync(out, { finishFlush: constants.Z_SYNC_FLUSH }).equals(content)).toBe(true);
    compressor.close();
  });

  // zstd refuses another size than it was told to expect.
  it.each([
    ['a write', 6],
    ['the end', 4],
  ])('throws an error of zlib in %s', async (_case, size) => {
    const compressor = createCompressor(createZstdCompress({ pledgedSrcSize: 5 }));
    const compressed = (async () => {
      await compressor.write(Buffer.alloc(size));
      await compressor.end();
    })();
    await expect(compressed).rejects.toThrow('Src size is incorrect');
  });

  it('throws when it is used after an error', async () => {
    const compressor = createCompressor(createZstdCompress({ pledgedSrcSize: 5 }));
    await expect(compressor.write(Buffer.alloc(6))).rejects.toThrow();
    await expect(compressor.write(Buffer.alloc(1))).rejects.toThrow('destroyed');
    await expect(compressor.flush(constants.ZSTD_e_flush)).rejects.toThrow('destroyed');
  });
});
