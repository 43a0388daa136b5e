import { createHash } from 'node:crypto';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { noise, pieces, text } from '../testing/content.ts';
import { MIN_SAMPLE, classify } from './compressibility.ts';

const sound = Buffer.alloc(100_000);
for (let at = 0; at < sound.length; at += 2) sound.writeInt16LE(Math.round(9000 * Math.sin(at / 40)), at);

const digest = (index: number): Buffer => createHash('sha256').update(String(index)).digest();
const checksums = Buffer.concat(Array.from({ length: 16 }, (_, index) => digest(index)));

/** The positions that `classify` reads, in the order of reading. */
function indexesRead(bytes: Uint8Array): number[] {
  const indexes: number[] = [];
  const watched = new Proxy(bytes, {
    get(target, key) {
      if (/^\d+$/.test(String(key))) indexes.push(Number(key));
      return Reflect.get(target, key) as unknown;
    },
  });
  classify(watched);
  return indexes;
}

describe('classify', () => {
  it.each([
    ['JSON', text(5000)],
    ['a few JSON bytes', text(MIN_SAMPLE)],
    ['zeros', Buffer.alloc(100_000)],
    ['base64 of noise', Buffer.from(noise(50_000).toString('base64'))],
    ['a little hexadecimal noise', Buffer.from(noise(500).toString('hex'))],
    ['hexadecimal noise', Buffer.from(noise(5000).toString('hex'))],
    ['noise before hexadecimal noise', Buffer.concat([noise(512), Buffer.from(noise(744).toString('hex'))])],
    ['raw sound', sound],
    ['repeated noise', Buffer.alloc(60_000, noise(3000))],
    [
      'noise with a quarter of text',
      Buffer.concat(pieces(noise(20_000), 900).flatMap((part) => [part, text(300)])),
    ],
  ])('deflates %s', (_case, bytes) => {
    expect(classify(bytes)).toBe('compressible');
    expect(deflateRawSync(bytes, { level: 5 }).length / bytes.length).toBeLessThan(0.97);
  });

  it.each([
    ['as few checksums as possible', () => checksums.subarray(0, MIN_SAMPLE)],
    ['a little noise', () => noise(1000)],
    ['noise', () => noise(5000)],
    ['much noise', () => noise(1_000_000)],
    ['gzip', () => gzipSync(noise(50_000).toString('base64'))],
  ])('stores %s, every time', (_case, make) => {
    for (let round = 0; round < 20; round += 1) {
      const bytes = make();
      expect(classify(bytes)).toBe('incompressible');
      expect(deflateRawSync(bytes, { level: 5 }).length / bytes.length).toBeGreaterThan(0.97);
    }
  });

  it('reads a small sample of a long content, from its start to its end', () => {
    const read = indexesRead(noise(128 * 1024));
    expect(read.length).toBeLessThan(11_000);
    expect([Math.min(...read), Math.max(...read)]).toEqual([0, 128 * 1024 - 1]);
  });

  it('reads nothing outside the content', () => {
    expect(Math.max(...indexesRead(noise(1000)))).toBe(999);
  });

  it('does not classify too few bytes', () => {
    expect(classify(noise(MIN_SAMPLE - 1))).toBeUndefined();
  });

  it('classifies a part of a buffer like a whole buffer', () => {
    const both = Buffer.concat([text(100_000), noise(100_000)]);
    expect(classify(both.subarray(0, 100_000))).toBe('compressible');
    expect(classify(both.subarray(100_000))).toBe('incompressible');
  });
});
