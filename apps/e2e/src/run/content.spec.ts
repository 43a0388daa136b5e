import { hash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { contentOf, outgoing } from './content.ts';

const MiB = 1024 ** 2;
const whole = (type: 'random' | 'compressible', seed: string, size: number) =>
  Buffer.concat([...contentOf(type, seed, size)]);

describe.each(['random', 'compressible'] as const)('%s content', (type) => {
  it.each([0, 1, MiB - 1, MiB, MiB + 1, 2.5 * MiB])('has the requested size of %d bytes', (size) => {
    expect(whole(type, 'a', size)).toHaveLength(size);
  });

  it('is the same for the same seed only', () => {
    expect(whole(type, 'a', 3 * MiB).equals(whole(type, 'a', 3 * MiB))).toBe(true);
    expect(whole(type, 'a', 3 * MiB).equals(whole(type, 'b', 3 * MiB))).toBe(false);
  });

  it('comes in chunks of at most 1 MiB', () => {
    const sizes = [...contentOf(type, 'a', 2.5 * MiB)].map(({ length }) => length);
    expect(sizes).toEqual([MiB, MiB, MiB / 2]);
  });
});

it('compressible content compresses, random content does not', () => {
  expect(gzipSync(whole('random', 'a', MiB)).length).toBeGreaterThan(MiB);
  expect(gzipSync(whole('compressible', 'a', MiB)).length).toBeLessThan(MiB / 50);
});

it.each([1000, 5 * MiB])('an outgoing object of %d bytes has the hash of its body', async (size) => {
  const { body, sha256 } = outgoing({ key: 'k', type: 'random', seed: 'a', size });
  const sent = Buffer.isBuffer(body) ? body : await buffer(body as Readable);
  expect(sent).toHaveLength(size);
  expect(hash('sha256', sent)).toBe(sha256);
});
