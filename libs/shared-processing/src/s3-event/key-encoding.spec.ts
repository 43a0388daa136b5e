import * as fc from 'fast-check';
import { decodeKey, encodeKey } from './key-encoding.ts';

describe('a key in an S3 event', () => {
  it.each([
    ['red flower.jpg', 'red+flower.jpg'],
    ['year=2026/month=03/x.csv', 'year%3D2026/month%3D03/x.csv'],
    ['copy (1).txt', 'copy+%281%29.txt'],
    ["it's!~*-_.", 'it%27s%21%7E*-_.'],
    ['100%', '100%25'],
    ['a+b', 'a%2Bb'],
    ['ü/📦', '%C3%BC/%F0%9F%93%A6'],
    ['line\nbreak\0', 'line%0Abreak%00'],
  ])('%j is encoded as %s', (key, encoded) => {
    expect(encodeKey(key)).toBe(encoded);
    expect(decodeKey(encoded)).toBe(key);
  });

  it('is decoded unchanged, whatever it contains', () => {
    const keys = fc.string({ unit: 'binary', maxLength: 200 }).filter((key) => key.isWellFormed());
    fc.assert(
      fc.property(keys, (key) => {
        expect(decodeKey(encodeKey(key))).toBe(key);
      }),
    );
  });

  it('has at most 1,024 bytes, however they are encoded', () => {
    expect(decodeKey('%41'.repeat(1024))).toBe('A'.repeat(1024));
    expect(decodeKey('%41'.repeat(1025))).toBeUndefined();
    expect(decodeKey('%E2%82%AC'.repeat(342))).toBeUndefined();
  });
});
