import { gzipSync } from 'node:zlib';
import { contentOf, fileOf, keyOf, type Kind } from './content.ts';

const bytesOf = (kind: Kind, size: number, index = 7) => Buffer.concat([...contentOf({ kind, size, index })]);

describe('the content of a file', () => {
  it('is told by its key', () => {
    const file = { kind: 'json', size: 5000, index: 12 } as const;
    expect(fileOf(keyOf(file))).toEqual(file);
    expect(fileOf('other/1/1.other')).toBeUndefined();
    expect(fileOf('json')).toBeUndefined();
  });

  it.each([0, 1, 5000, 2 ** 20, 2 ** 20 + 1, 3_000_000])('has the %d bytes that it should', (size) => {
    expect(bytesOf('text', size)).toHaveLength(size);
  });

  it('differs from file to file', () => {
    expect(bytesOf('json', 5000, 1).equals(bytesOf('json', 5000, 2))).toBe(false);
  });

  it('shrinks where it is text, and does not where it is noise', () => {
    expect(gzipSync(bytesOf('text', 100_000)).length).toBeLessThan(40_000);
    expect(gzipSync(bytesOf('noise', 100_000)).length).toBeGreaterThan(100_000);
  });
});
