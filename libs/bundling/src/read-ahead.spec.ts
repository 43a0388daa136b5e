import { readAhead } from './read-ahead.ts';
import { createRing } from './ring.ts';

const limits = { ring: createRing(100), maxReads: 3 };

// All memory is released after each test, even if it failed.
afterEach(() => expect(limits.ring.allocate(500)).toBeDefined());
afterEach(() => limits.ring.release());

/** Reads that end when the test says so. Counts the bytes in memory. */
function setUp(sizes: number[]) {
  const started: number[] = [];
  const items = sizes.map((size, i) => ({ i, size }));
  const read = async ({ i }: { i: number }) => {
    started.push(i);
    await new Promise(setImmediate);
    if (i === 99) throw new Error('broken');
    return `body ${i}`;
  };
  return { items, read, started };
}

describe('readAhead', () => {
  it('returns results in order, and reads ahead while one is used', async () => {
    const { items, read, started } = setUp([10, 10, 10, 10, 10]);
    const taken: number[] = [];
    for await (const { item, result } of readAhead(items, read, limits)) {
      taken.push(item.i);
      expect(result).toEqual({ status: 'fulfilled', value: `body ${item.i}` });
      expect(started.length).toBe(Math.min(items.length, taken.length + 2));
    }
    expect(taken).toEqual([0, 1, 2, 3, 4]);
  });

  it('keeps to its memory limit, and reads a larger item alone', async () => {
    const { items, read, started } = setUp([60, 50, 500, 10]);
    const seen: number[] = [];
    for await (const { item } of readAhead(items, read, limits)) {
      seen.push(item.i);
      expect(started).toEqual(seen);
      if (item.i === 2) break;
    }
    expect(seen).toEqual([0, 1, 2]);
  });

  it('returns a failure in its place', async () => {
    const items = [
      { i: 1, size: 1 },
      { i: 99, size: 1 },
      { i: 3, size: 1 },
    ];
    const statuses: string[] = [];
    for await (const { result } of readAhead(items, setUp([]).read, limits)) statuses.push(result.status);
    expect(statuses).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('gives each item its own memory until the next is requested', async () => {
    const items = [30, 40, 20, 60, 0, 100, 150, 10].map((size, i) => ({ size, i }));
    const read = async ({ i }: { i: number }, memory: Uint8Array) => {
      await new Promise(setImmediate);
      return memory.fill(i);
    };
    for await (const { item, result } of readAhead(items, read, limits)) {
      if (result.status === 'rejected') throw result.reason;
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect([...result.value]).toEqual(Array.from({ length: item.size }, () => item.i));
    }
  });

  it('does not end early while its memory is in use', async () => {
    limits.ring.allocate(100);
    const all = readAhead([{ size: 10 }], async () => 'read', limits);
    await expect(all.next()).rejects.toThrow('still in use by another batch');
    limits.ring.release();
  });

  it('waits for its reads if the caller stops early', async () => {
    let open = 0;
    const read = async () => {
      open++;
      await new Promise((resolve) => setTimeout(resolve, 10));
      open--;
    };
    for await (const _ of readAhead(
      [1, 2, 3].map((size) => ({ size })),
      read,
      limits,
    ))
      break;
    expect(open).toBe(0);
  });
});
