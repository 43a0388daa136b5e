import fc from 'fast-check';
import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import type { Part } from '../codec/codec.ts';
import { noise, pieces, text } from '../testing/content.ts';
import { itWith, run } from '../testing/tools.ts';
import { gzip } from './gzip.ts';

interface Write {
  bytes: Uint8Array;
  part: Part;
}
const frame = (bytes: Uint8Array): Write => ({ bytes, part: 'frame' });
const body = (bytes: Uint8Array): Write => ({ bytes, part: 'body' });

async function gzipped(writes: readonly Write[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const encoder = gzip().createEncoder(async (bytes) => void chunks.push(Uint8Array.from(bytes)));
  for (const { bytes, part } of writes) await encoder.write(bytes, part);
  await encoder.end();
  await encoder.close();
  return Buffer.concat(chunks);
}
const plain = (writes: readonly Write[]): Buffer => Buffer.concat(writes.map(({ bytes }) => bytes));

/** The same text repeatedly, with noise in between: zlib would refer back across the noise if it could. */
const repeated = text(20_000);
const crossing = [1, 2, 3, 4].flatMap((round) => [
  frame(Buffer.alloc(512, 'h')),
  body(repeated),
  frame(Buffer.alloc(512)),
  body(noise(round * 30_000)),
]);

describe('gzip', () => {
  it('has no time, name or system in its header, and ends with CRC-32 and length', async () => {
    const out = await gzipped(crossing);
    const all = plain(crossing);
    expect(out.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
    expect(out.readUInt32LE(out.length - 8)).toBe(crc32(all));
    expect(out.readUInt32LE(out.length - 4)).toBe(all.length);
  });

  it('restores any content, written in any pieces', async () => {
    const piece = fc.oneof(
      fc.nat({ max: 3000 }).map((length) => body(noise(length))),
      fc.integer({ min: 10_000, max: 200_000 }).map((length) => body(noise(length))),
      fc
        .tuple(fc.nat({ max: 200_000 }), fc.nat({ max: 5 }))
        .map(([length, seed]) => body(text(length, seed))),
      fc.nat({ max: 2000 }).map((length) => frame(Buffer.alloc(length))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (writes) => {
        expect(gunzipSync(await gzipped(writes)).equals(plain(writes))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('never refers back across stored bytes', async () => {
    expect(gunzipSync(await gzipped(crossing)).equals(plain(crossing))).toBe(true);
  });

  itWith('gzip')('opens in GNU gzip', async () => {
    const out = await gzipped(crossing);
    run('gzip', ['-t'], out);
    expect(run('gzip', ['-dc'], out).equals(plain(crossing))).toBe(true);
  });

  itWith('python3')('opens in python3', async () => {
    const script = 'import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))';
    expect(run('python3', ['-c', script], await gzipped(crossing)).equals(plain(crossing))).toBe(true);
  });

  it('stores an incompressible body, with five bytes of overhead per block', async () => {
    const content = noise(60_000);
    const out = await gzipped([
      frame(Buffer.alloc(512)),
      body(text(9000)),
      frame(Buffer.alloc(512)),
      body(content),
    ]);
    expect(out.indexOf(content)).toBeGreaterThan(0);
  });

  it('stores small incompressible bodies if there are enough, and keeps the headers between them small', async () => {
    const writes = Array.from({ length: 100 }, () => [
      frame(Buffer.alloc(700, 'h')),
      body(noise(5000)),
    ]).flat();
    const out = await gzipped(writes);
    const [, second] = writes.filter(({ part }) => part === 'body');
    expect(out.indexOf(second?.bytes ?? '')).toBeGreaterThan(0);
    expect(out.length).toBeLessThan(100 * 5040);
  });

  it('stores a small incompressible body if zlib is not in use', async () => {
    const [first, later] = [noise(5000), noise(5000)];
    const header = frame(Buffer.alloc(512));
    const before = [header, body(first), header];
    const alone = await gzipped(before);
    expect(alone.indexOf(first)).toBeGreaterThan(0);
    // Between text and the small body, a large one is stored in a batch of its own.
    const between = [body(text(9000)), header, body(noise(128 * 1024)), header];
    const after = await gzipped([...before, ...between, body(later)]);
    expect(after.indexOf(later)).toBeGreaterThan(0);
  });

  it('adapts when the stream becomes compressible or incompressible', async () => {
    const turn = [text(900_000), noise(900_000), text(900_000)];
    const writes = [frame(Buffer.alloc(512)), ...turn.flatMap((bytes) => pieces(bytes, 16_384)).map(body)];
    const out = await gzipped(writes);
    expect(gunzipSync(out).equals(plain(writes))).toBe(true);
    expect(out.indexOf(turn[1]?.subarray(600_000, 601_000) ?? '')).toBeGreaterThan(0);
    expect(out.length).toBeLessThan(900_000 * 1.9);
  });

  it('compresses as well as zlib', async () => {
    const files = Array.from({ length: 300 }, (_, seed) => text(5000, seed));
    const writes = files.flatMap((file) => [frame(Buffer.alloc(512)), body(file)]);
    expect((await gzipped(writes)).length).toBeLessThan(1.01 * gzipSync(plain(writes), { level: 5 }).length);
  });

  it('is a valid member without any bytes', async () => {
    expect(gunzipSync(await gzipped([]))).toHaveLength(0);
  });

  it('throws the error of its sink, and can still be closed', async () => {
    const encoder = gzip().createEncoder(() => Promise.reject(new Error('disk full')));
    await encoder.write(text(1000), 'body');
    await expect(encoder.end()).rejects.toThrow('disk full');
    await encoder.close();
  });
});
