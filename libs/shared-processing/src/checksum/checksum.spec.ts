import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Readable } from 'node:stream';
import { type ChecksumAlgorithm, checksumOf, startChecksum } from './checksum.ts';
import { measure } from './measure.ts';

/** Check values of "123456789" from the catalogue of parametrised CRC algorithms (CRC-32/ISO-HDLC, /ISCSI, CRC-64/NVME). */
const CRCS: Partial<Record<ChecksumAlgorithm, string>> = {
  crc32: 'cbf43926',
  crc32c: 'e3069283',
  crc64nvme: 'ae8b14860a799888',
};
const digits = Buffer.from('123456789');
const algorithms: ChecksumAlgorithm[] = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256', 'md5'];

describe.each(algorithms)('%s', (algorithm) => {
  it('matches the standard check value', async () => {
    const expected = CRCS[algorithm] ?? createHash(algorithm).update(digits).digest('hex');
    await expect(checksumOf(algorithm, digits)).resolves.toBe(expected);
  });

  it('is the same at once and in pieces, and while others are computed', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(pieces, pieces, async (one, other) => {
        const [first, second] = [await startChecksum(algorithm), await startChecksum(algorithm)];
        for (let i = 0; i < Math.max(one.length, other.length); i++) {
          first.update(one[i] ?? new Uint8Array());
          second.update(other[i] ?? new Uint8Array());
        }
        const whole = await Promise.all([
          checksumOf(algorithm, Buffer.concat(one)),
          checksumOf(algorithm, Buffer.concat(other)),
        ]);
        expect([first.hex(), second.hex()]).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('changes if one bit changes', async () => {
    const content = Buffer.alloc(5_000, 'content');
    const flipped = Buffer.from(content);
    flipped[1_234] = (flipped[1_234] ?? 0) ^ 1;
    await expect(checksumOf(algorithm, flipped)).resolves.not.toBe(await checksumOf(algorithm, content));
  });
});

describe('measure', () => {
  it('gives size and checksums of a stream', async () => {
    await expect(measure(Readable.from([digits.subarray(0, 4), digits.subarray(4)]))).resolves.toEqual({
      size: 9,
      sha256: createHash('sha256').update(digits).digest('hex'),
      crc64nvme: CRCS.crc64nvme,
    });
  });
});
