import fc from 'fast-check';
import { checksumOf, startChecksum } from './checksum.ts';
import { combineCrc64, joinCrc64 } from './crc64-combine.ts';

const crcOf = (bytes: Uint8Array) => checksumOf('crc64nvme', bytes);
const EMPTY = '0000000000000000';

/** The CRC of a run of zero bytes, computed over every byte. */
async function crcOfZeros(length: number): Promise<string> {
  const checksum = await startChecksum('crc64nvme');
  const block = Buffer.alloc(2 ** 20);
  for (let left = length; left > 0; left -= block.length) checksum.update(block.subarray(0, left));
  return checksum.hex();
}

describe('combineCrc64', () => {
  it('equals the CRC over all bytes, however they are cut', async () => {
    const bytes = fc.uint8Array({ maxLength: 5_000 });
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (a, b) => {
        const combined = combineCrc64(await crcOf(a), await crcOf(b), b.length);
        expect(combined).toBe(await crcOf(Buffer.concat([a, b])));
      }),
    );
  });

  it.each([1, 511, 2 ** 16, 5 * 2 ** 20, 2 ** 26 + 3])('equals the CRC of %i zeros', async (length) => {
    const half = Math.floor(length / 2);
    const [first, second] = [await crcOfZeros(length - half), await crcOfZeros(half)];
    expect(combineCrc64(first, second, half)).toBe(await crcOfZeros(length));
  });

  it('is associative for lengths up to 2^53, whose bytes no test can read', () => {
    const crc = fc
      .bigInt({ min: 0n, max: 2n ** 64n - 1n })
      .map((value) => value.toString(16).padStart(16, '0'));
    const length = fc.nat({ max: 2 ** 52 - 1 });
    fc.assert(
      fc.property(crc, crc, crc, length, length, (a, b, c, lengthB, lengthC) => {
        const left = combineCrc64(combineCrc64(a, b, lengthB), c, lengthC);
        const right = combineCrc64(a, combineCrc64(b, c, lengthC), lengthB + lengthC);
        expect(left).toBe(right);
      }),
    );
  });
});

describe('joinCrc64', () => {
  it('joins any number of runs', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(pieces, async (all) => {
        const runs = await Promise.all(
          all.map(async (piece) => ({ size: piece.length, crc64nvme: await crcOf(piece) })),
        );
        const whole = Buffer.concat(all);
        expect(joinCrc64(runs)).toEqual({ size: whole.length, crc64nvme: await crcOf(whole) });
      }),
    );
  });

  it('is the CRC of nothing for no runs', () => {
    expect(joinCrc64([])).toEqual({ size: 0, crc64nvme: EMPTY });
  });
});
