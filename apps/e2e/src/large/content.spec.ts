import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { createRandom } from '@data-aggregator/shared-processing/testing';
import { bytesOf, type Content, crc64Of, createContent, firstDifference } from './content.ts';

const create = (size: number, incompressible: number) =>
  createContent(size, incompressible, createRandom(size));
const wholeOf = (content: Content) => Buffer.concat([...bytesOf(content, { start: 0, end: content.size })]);

describe('the content of a huge object', () => {
  it.each([
    [3_000_000, 200_000],
    [1_000_003, 1_000_003],
    [1_000, 160],
    [20, 20],
    [0, 0],
  ])('of %i bytes has %i random ones', (size, incompressible) => {
    const content = create(size, incompressible);
    const whole = wholeOf(content);
    expect(whole).toHaveLength(size);
    const zeros = whole.reduce((sum, byte) => sum + (byte === 0 ? 1 : 0), 0);
    expect(size - zeros).toBeGreaterThan(incompressible * 0.97 - 20);
    expect(size - zeros).toBeLessThanOrEqual(incompressible);
  });

  it('is the same in pieces from anywhere', () => {
    const content = create(3_000_000, 200_000);
    const whole = wholeOf(content);
    for (const [start, end] of [
      [0, 1],
      [17, 300_000],
      [1_234_567, 2_999_999],
      [2_990_001, 3_000_000],
    ] as const) {
      expect(Buffer.concat([...bytesOf(content, { start, end })]).equals(whole.subarray(start, end))).toBe(
        true,
      );
    }
  });

  it('differs for each run', () => {
    expect(wholeOf(create(1_000, 1_000)).equals(wholeOf(create(1_000, 1_000)))).toBe(false);
  });

  it('begins and ends with random bytes, up to 48 TiB', () => {
    const size = 48 * 1024 ** 4;
    const { stretches } = create(size, 16_000_000);
    expect(stretches).toHaveLength(16);
    expect(stretches[0]).toEqual({ start: 0, end: 1_000_000 });
    expect(stretches.at(-1)).toEqual({ start: size - 1_000_000, end: size });
    for (const [index, { start }] of stretches.entries()) {
      expect(start).toBeGreaterThanOrEqual(stretches[index - 1]?.end ?? 0);
    }
  });

  it('has the CRC of its bytes', async () => {
    for (const content of [create(3_000_000, 200_000), create(500, 500), create(0, 0)]) {
      expect(await crc64Of(content)).toBe(await checksumOf('crc64nvme', wholeOf(content)));
    }
  });
});

describe('firstDifference', () => {
  const content = create(3_000_000, 200_000);
  const part = wholeOf(content).subarray(500_000, 1_500_000);

  it('finds none in the same bytes', () => {
    expect(firstDifference(content, 500_000, part)).toBeUndefined();
  });

  it.each([0, 1, 499_999, 999_999])('finds a flipped bit at %i', (at) => {
    const changed = Buffer.from(part);
    changed.writeUInt8(changed.readUInt8(at) ^ 4, at);
    expect(firstDifference(content, 500_000, changed)).toBe(500_000 + at);
  });

  it('finds a byte after the end', () => {
    const end = Buffer.concat([wholeOf(content).subarray(-5), Buffer.of(0)]);
    expect(firstDifference(content, content.size - 5, end)).toBe(content.size);
  });
});
