import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import fc from 'fast-check';
import type { UploadedPart } from '@data-aggregator/shared-processing/s3';
import { createStaging, createStagingMemory, type PartSink, type Staged } from './staging.ts';
import { noise } from './testing/content.ts';

const PART = 100;

/** A sink that keeps the parts. With `hold`, each put waits until the test lets it go on. */
function memorySink({ hold = false } = {}) {
  const stored = new Map<number, Buffer>();
  const waiting: { number: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  const parts: PartSink = {
    async put(number, bytes): Promise<UploadedPart> {
      if (hold) await new Promise<void>((resolve, reject) => waiting.push({ number, resolve, reject }));
      stored.set(number, Buffer.from(bytes));
      return { number, etag: `etag ${number}`, size: bytes.length, crc64nvme: '0' };
    },
    stop: () => waiting.forEach(({ reject }) => reject(new Error('stopped'))),
  };
  return { parts, stored, waiting };
}

function staging({ slots = 3, hold = false, memory = createStagingMemory(slots * PART + 7) } = {}) {
  const sink = memorySink({ hold });
  return { ...sink, memory, staging: createStaging({ memory, partBytes: PART, parts: sink.parts }) };
}

function contentOf(staged: Staged, stored: ReadonlyMap<number, Buffer>): Promise<Buffer> {
  return staged.kind === 'whole'
    ? buffer(staged.open())
    : Promise.resolve(Buffer.concat(staged.parts.map(({ number }) => stored.get(number) ?? Buffer.alloc(0))));
}

describe('staging', () => {
  it('keeps what was written: in memory while it fits, otherwise in parts', async () => {
    const chunks = fc.array(
      fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 700 }), fc.constant(PART)).map(noise),
      {
        maxLength: 12,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 6 }), chunks, async (slots, given) => {
        const { staging: it, stored } = staging({ slots });
        for (const chunk of given) await it.write(chunk);
        const staged = await it.end();
        const whole = Buffer.concat(given);
        expect(staged.kind).toBe(whole.length > slots * PART ? 'parts' : 'whole');
        expect((await contentOf(staged, stored)).equals(whole)).toBe(true);
        if (staged.kind === 'parts') {
          expect(staged.parts.map(({ number }) => number)).toEqual([...stored.keys()].sort((a, b) => a - b));
          const sizes = [...stored.values()].map(({ length }) => length);
          expect(sizes.filter((size) => size !== PART).length).toBeLessThanOrEqual(1);
          expect(Math.min(...sizes)).toBeGreaterThan(0);
        } else {
          expect((await contentOf(staged, stored)).equals(whole)).toBe(true);
          expect(stored.size).toBe(0);
        }
        await it.discard();
      }),
      { numRuns: 300 },
    );
  });

  it('copies what it is given', async () => {
    const { staging: it, stored } = staging();
    const chunk = noise(50);
    const before = Buffer.from(chunk);
    await it.write(chunk);
    chunk.fill(0);
    expect((await contentOf(await it.end(), stored)).equals(before)).toBe(true);
  });

  it('opens a stream of bytes, to be read in any pieces', async () => {
    const { staging: it } = staging();
    await it.write(Buffer.from('abcdef'));
    const staged = await it.end();
    if (staged.kind !== 'whole') throw new Error('not whole');
    const reader = staged.open();
    await once(reader, 'readable');
    expect([reader.read(4), reader.read(2)].map(String)).toEqual(['abcd', 'ef']);
    await it.discard();
  });

  it('sends nothing while a bundle fills the memory exactly', async () => {
    const { staging: it, stored } = staging({ slots: 2 });
    await it.write(noise(2 * PART));
    expect((await it.end()).kind).toBe('whole');
    expect(stored.size).toBe(0);
  });

  it('makes the writer wait for a free slot, and sends a few parts at once, in order', async () => {
    const { staging: it, waiting } = staging({ slots: 6, hold: true });
    let isWritten = false;
    const writing = it.write(noise(6 * PART + 1)).then(() => (isWritten = true));
    await turn();
    expect(waiting.map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(isWritten).toBe(false);
    waiting[0]?.resolve();
    await writing;
    expect(waiting.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
  });

  it('fails at the latest at the end if a part could not be stored', async () => {
    const { staging: it, waiting } = staging({ slots: 2, hold: true });
    const writing = it.write(noise(2 * PART + 1));
    await turn();
    waiting[0]?.resolve();
    waiting[1]?.reject(new Error('no'));
    await writing;
    await turn();
    await expect(it.write(noise(PART))).rejects.toThrow('no');
    await expect(it.end()).rejects.toThrow('no');
    await it.discard();
  });

  it('gives its memory to one bundle after another', async () => {
    const memory = createStagingMemory(3 * PART);
    for (const size of [80, 900, 10]) {
      const content = noise(size);
      const { staging: it, stored } = staging({ memory });
      await it.write(content);
      expect((await contentOf(await it.end(), stored)).equals(content)).toBe(true);
      expect(() => staging({ memory })).toThrow('still in use');
      await Promise.all([it.discard(), it.discard()]);
    }
  });

  it('keeps its memory until the puts in progress have ended', async () => {
    const { staging: it, memory, waiting } = staging({ slots: 2, hold: true });
    const writing = it.write(noise(3 * PART));
    writing.catch(() => undefined);
    await turn();
    expect(waiting).toHaveLength(2);
    await it.discard();
    await expect(writing).rejects.toThrow('stopped');
    expect(memory.acquire()).toBeDefined();
  });

  it('needs memory for two parts', () => {
    const memory = createStagingMemory(2 * PART - 1);
    expect(() => staging({ memory })).toThrow('do not hold two parts');
    expect(memory.acquire()).toBeDefined();
  });

  it('takes and gives nothing once it is discarded, and ends open streams', async () => {
    const { staging: it } = staging();
    await it.write(noise(PART));
    const staged = await it.end();
    const reader = staged.kind === 'whole' ? staged.open() : undefined;
    await it.discard();
    await expect(it.write(noise(1))).rejects.toThrow('discarded');
    expect(() => staged.kind === 'whole' && staged.open()).toThrow('discarded');
    await expect(reader && finished(reader)).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' });
  });
});
