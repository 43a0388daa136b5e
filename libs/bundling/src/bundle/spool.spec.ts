import fc from 'fast-check';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { noise } from './testing/content.ts';
import { createSpoolMemory } from './spool-memory.ts';
import { createSpool } from './spool.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const itOnLinux = process.platform === 'linux' ? it : it.skip;

/** This process's open files under `directory`, also those without a name. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      return target.startsWith(directory) ? [`/proc/self/fd/${fd}`] : [];
    } catch {
      return []; // The one that lists the folder is closed by now.
    }
  });
}

async function spooled(
  memoryBytes: number,
  ...chunks: Uint8Array[]
): Promise<ReturnType<typeof createSpool>> {
  const spool = createSpool({ memory: createSpoolMemory(memoryBytes), directory });
  for (const chunk of chunks) await spool.write(chunk);
  await spool.end();
  return spool;
}

describe('spool', () => {
  it('gives back what was written, from memory, from the file, or both, as often as it is opened', async () => {
    const chunks = fc.array(
      fc
        .oneof(fc.nat({ max: 100 }), fc.nat({ max: 2_400_000 }), fc.constantFrom(1024 ** 2, 400_000))
        .map(noise),
      { maxLength: 6 },
    );
    const memory = fc.oneof(fc.nat({ max: 3_200_000 }), fc.constantFrom(0, 1024 ** 2));
    await fc.assert(
      fc.asyncProperty(memory, chunks, async (memoryBytes, given) => {
        const spool = await spooled(memoryBytes, ...given);
        const [first, second] = await Promise.all([buffer(spool.open()), buffer(spool.open())]);
        await spool.discard();
        expect(first.equals(Buffer.concat(given))).toBe(true);
        expect(second.equals(first)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('copies what it is given', async () => {
    const chunk = noise(1000);
    const before = Buffer.from(chunk);
    const spool = createSpool({ memory: createSpoolMemory(500), directory });
    await spool.write(chunk);
    chunk.fill(0);
    await spool.end();
    expect((await buffer(spool.open())).equals(before)).toBe(true);
    await spool.discard();
  });

  it('lends its memory to one after another', async () => {
    const memory = createSpoolMemory(1000);
    const contents: Buffer[] = [];
    for (const content of [noise(800), noise(1200), noise(10)]) {
      const spool = createSpool({ memory, directory });
      await spool.write(content);
      await spool.end();
      contents.push(await buffer(spool.open()));
      expect(contents.at(-1)?.equals(content)).toBe(true);
      await Promise.all([spool.discard(), spool.discard()]);
    }
  });

  it('does without memory that another has', async () => {
    const memory = createSpoolMemory(1000);
    const contents = [noise(900), noise(900)];
    const spools = contents.map(() => createSpool({ memory, directory }));
    for (const [index, spool] of spools.entries()) await spool.write(contents[index] ?? Buffer.alloc(0));
    for (const [index, spool] of spools.entries()) {
      await spool.end();
      expect((await buffer(spool.open())).equals(contents[index] ?? Buffer.alloc(0))).toBe(true);
    }
    // One that never had the memory does not give it back.
    await spools[1]?.discard();
    expect(memory.acquire()).toBeUndefined();
    await spools[0]?.discard();
    expect(memory.acquire()).toBeDefined();
  });

  it('keeps to its file where it began there, also when the memory becomes free', async () => {
    const memory = createSpoolMemory(1000);
    const [first, second] = [createSpool({ memory, directory }), createSpool({ memory, directory })];
    await first.write(noise(10));
    const parts = [noise(500), noise(400)] as const;
    await second.write(parts[0]);
    await first.discard();
    await second.write(parts[1]);
    await second.end();
    expect((await buffer(second.open())).equals(Buffer.concat(parts))).toBe(true);
    await second.discard();
  });

  itOnLinux('opens no file while memory suffices', async () => {
    const spool = await spooled(300_000, noise(300_000));
    expect(openFiles()).toEqual([]);
    await spool.discard();
  });

  itOnLinux('uses one file, only its owner may read it, without a name, and closes it', async () => {
    const spool = await spooled(100_000, noise(300_000));
    const readers = [spool.open(), spool.open()];
    await Promise.all(readers.map((reader) => buffer(reader)));
    const files = openFiles();
    expect(files).toHaveLength(1);
    expect(statSync(files[0] ?? '').mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual([]);
    await spool.discard();
    expect(openFiles()).toEqual([]);
  });

  itOnLinux('ends its readers when it is discarded, and closes the file', async () => {
    const spool = await spooled(0, noise(2_000_000));
    const reader = spool.open();
    await reader[Symbol.asyncIterator]().next();
    const ended = finished(reader);
    await Promise.all([spool.discard(), spool.discard(), expect(ended).rejects.toThrow('Premature close')]);
    expect(openFiles()).toEqual([]);
  });

  it('says where it could not write, and why', async () => {
    const spool = createSpool({ memory: createSpoolMemory(10), directory: join(directory, 'missing') });
    const write = spool.write(noise(2_000_000));
    await expect(write).rejects.toThrow(
      /^cannot keep more than 10 bytes of the bundle in .*missing: Error: ENOENT/,
    );
    await spool.discard();
  });

  it('takes and gives nothing once discarded', async () => {
    const spool = await spooled(100, noise(10));
    await spool.discard();
    await expect(spool.write(noise(1))).rejects.toThrow('the spool is discarded');
    expect(() => spool.open()).toThrow('the spool is discarded');
  });
});
