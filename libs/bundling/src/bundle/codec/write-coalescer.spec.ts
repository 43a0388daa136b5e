import fc from 'fast-check';
import { setImmediate } from 'node:timers/promises';
import { createWriteCoalescer, type Run } from './write-coalescer.ts';

type Kind = 'a' | 'b';

describe('the write coalescer', () => {
  it('passes on all bytes in order and with their kinds, in batches of the configured length', async () => {
    const writes = fc.array(
      fc.record({ bytes: fc.uint8Array({ maxLength: 40 }), kind: fc.constantFrom<Kind>('a', 'b') }),
    );
    await fc.assert(
      fc.asyncProperty(writes, async (given) => {
        const taken: [number, Kind][] = [];
        const lengths: number[] = [];
        const gather = createWriteCoalescer<Kind>(16, async (bytes, runs: readonly Run<Kind>[]) => {
          lengths.push(bytes.length);
          let start = 0;
          for (const { kind, end } of runs) {
            await setImmediate(); // Meanwhile the other batch fills.
            expect(end).toBeGreaterThan(start);
            for (const byte of bytes.subarray(start, end)) taken.push([byte, kind]);
            start = end;
          }
          expect(start).toBe(bytes.length);
        });
        for (const { bytes, kind } of given) {
          const own = Uint8Array.from(bytes);
          await gather.write(own, kind);
          own.fill(0xee); // The caller may reuse its buffer.
        }
        await gather.flush();
        expect(taken).toEqual(given.flatMap(({ bytes, kind }) => [...bytes].map((byte) => [byte, kind])));
        expect(lengths.every((length) => length > 0)).toBe(true);
      }),
    );
  });

  it('makes one batch of many small writes', async () => {
    const lengths: number[] = [];
    const gather = createWriteCoalescer<Kind>(1000, async (bytes) => void lengths.push(bytes.length));
    for (let write = 0; write < 250; write += 1) await gather.write(Buffer.alloc(10), 'a');
    await gather.flush();
    expect(lengths).toEqual([1000, 1000, 500]);
  });

  it('passes on a write of a whole batch without a copy', async () => {
    const taken: Uint8Array[] = [];
    const gather = createWriteCoalescer<Kind>(16, async (bytes) => void taken.push(bytes));
    const given = [Buffer.alloc(16), Buffer.alloc(40)];
    await gather.write(Buffer.alloc(1), 'a');
    for (const bytes of given) await gather.write(bytes, 'a');
    expect(taken.slice(1).map((bytes, index) => bytes === given[index])).toEqual([true, true]);
  });

  it('keeps the error of a batch for the next call', async () => {
    const gather = createWriteCoalescer<Kind>(4, () => Promise.reject(new Error('disk full')));
    await gather.write(Buffer.alloc(3), 'a');
    await gather.write(Buffer.alloc(3), 'a');
    await setImmediate();
    await expect(gather.write(Buffer.alloc(3), 'a')).rejects.toThrow('disk full');
  });

  it('throws the error of an earlier batch', async () => {
    const gather = createWriteCoalescer<Kind>(4, () => Promise.reject(new Error('disk full')));
    await gather.write(Buffer.alloc(3), 'a');
    await expect(gather.flush()).rejects.toThrow('disk full');
    await gather.settled();
  });
});
