import { inflateRawSync } from 'node:zlib';
import { noise } from '../testing/content.ts';
import { storedBlocks } from './stored-blocks.ts';

describe('storedBlocks', () => {
  it.each([0, 1, 65_534, 65_535, 65_536, 131_070, 131_071, 300_000])('inflates %i bytes again', (length) => {
    const bytes = noise(length);
    expect(inflateRawSync(Buffer.concat([...storedBlocks(bytes, true)])).equals(bytes)).toBe(true);
  });

  it.each([
    [0, 1],
    [65_535, 1],
    [65_536, 2],
  ])('takes five bytes for each 65,535: %i bytes', (length, blocks) => {
    const written = [...storedBlocks(noise(length))].reduce((sum, chunk) => sum + chunk.length, 0);
    expect(written - length).toBe(5 * blocks);
  });

  it('does not copy the content', () => {
    const bytes = noise(70_000);
    const contents = [...storedBlocks(bytes)].filter((chunk) => chunk.length > 5);
    expect(contents.map(({ buffer, byteOffset }) => [buffer, byteOffset - bytes.byteOffset])).toEqual([
      [bytes.buffer, 0],
      [bytes.buffer, 65_535],
    ]);
  });

  it('can be followed by other blocks unless it is the last', () => {
    const first = [...storedBlocks(Buffer.from('one '))];
    const last = [...storedBlocks(Buffer.from('two'), true)];
    expect(inflateRawSync(Buffer.concat([...first, ...last])).toString()).toBe('one two');
  });
});
