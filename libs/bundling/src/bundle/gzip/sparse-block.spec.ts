import fc from 'fast-check';
import { inflateRawSync } from 'node:zlib';
import { memberHeader } from '../tar/tar.ts';
import { sparseBlock } from './sparse-block.ts';
import { storedBlocks } from './stored-blocks.ts';

const inflated = (...blocks: Uint8Array[]): Buffer =>
  inflateRawSync(Buffer.concat([...blocks, ...storedBlocks(new Uint8Array(0), true)]));

describe('sparseBlock', () => {
  it('inflates runs of every length', () => {
    for (let length = 0; length <= 800; length += 1) {
      const bytes = Buffer.concat([Buffer.from('x'), Buffer.alloc(length, 200), Buffer.from('y')]);
      expect(inflated(sparseBlock(bytes)).equals(bytes)).toBe(true);
    }
  });

  it('repeats a byte from the fourth in a row on', () => {
    expect(sparseBlock(Buffer.from('aaaa')).length).toBeLessThan(sparseBlock(Buffer.from('abcd')).length);
  });

  it('inflates every byte', () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect(inflated(sparseBlock(bytes)).equals(bytes)).toBe(true);
  });

  it('inflates anything, and blocks can follow each other', () => {
    const mostlyZeros = fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 255 })), { maxLength: 2000 });
    fc.assert(
      fc.property(mostlyZeros, fc.uint8Array(), (sparse, dense) => {
        const [first, second] = [Buffer.from(sparse), Buffer.from(dense)];
        const out = inflated(sparseBlock(first), sparseBlock(second));
        expect(out.equals(Buffer.concat([first, second]))).toBe(true);
      }),
    );
  });

  it('keeps a tar header small', () => {
    const header = memberHeader({ name: 'in/2026/11/22/0b1c2d.json', size: 5120, mtime: 1.7e12 });
    const block = sparseBlock(header);
    expect(block.length).toBeLessThan(120);
    expect(block.buffer.byteLength).toBeLessThan(2 * header.length);
  });
});
