import { gzipSync } from 'node:zlib';
import { contentOf, fileOf, keyOf, type Kind } from './content.ts';

const bytesOf = (kind: Kind, size: number, index = 7) => Buffer.concat([...contentOf({ kind, size, index })]);

describe('the content of a file', () => {
  it('follows from its key', () => {
    const file = { kind: 'json', size: 5000, index: 12 } as const;
    expect(fileOf(keyOf(file))).toEqual(file);
    expect(fileOf('other/1/1.other')).toBeUndefined();
    expect(fileOf('json')).toBeUndefined();
  });

  it.each([0, 1, 5000, 2 ** 20, 2 ** 20 + 1, 3_000_000])('has %d bytes', (size) => {
    expect(bytesOf('text', size)).toHaveLength(size);
  });

  it('differs between files', () => {
    expect(bytesOf('json', 5000, 1).equals(bytesOf('json', 5000, 2))).toBe(false);
  });

  it('is compressible if it is text, and incompressible if it is noise', () => {
    expect(gzipSync(bytesOf('text', 100_000)).length).toBeLessThan(40_000);
    expect(gzipSync(bytesOf('noise', 100_000)).length).toBeGreaterThan(100_000);
  });
});
