import { startSandbox } from '../testing/sandbox.ts';

/** Larger than MEMBER_MEMORY_BYTES, so that it is streamed into its own bundle. */
const LARGE = 33 * 1024 ** 2;

describe('bodies with a bit flipped in transit from S3', () => {
  it('never reach a bundle: they are read again, and refused if that does not help', async () => {
    await using pipeline = await startSandbox();
    const { cloud, put, end } = pipeline;
    const reads = new Map<string, number>();
    const flips = new Map([
      ['flipped once', 1],
      ['large, flipped once', 1],
      ['always flipped', Infinity],
    ]);
    cloud.faults.s3 = ({ operation, key = '' }) => {
      if (operation !== 'GetObject') return undefined;
      const read = (reads.get(key) ?? 0) + 1;
      reads.set(key, read);
      return read <= (flips.get(key) ?? 0) ? { flipBodyBit: 12_345 } : undefined;
    };
    const content = 'content '.repeat(1_000);
    const files = [
      await put('flipped once', content),
      await put('good', content),
      await put('large, flipped once', Buffer.alloc(LARGE, content)),
    ];
    await put('always flipped', content);

    const { delivery, bundles } = await end();
    expect(delivery.delivered).toEqual(files);
    expect(delivery).toMatchObject({ missing: [], mismatched: [] });
    expect(delivery.quarantined).toEqual([
      { key: 'always flipped', reason: 'corrupted', detail: expect.stringContaining('its sha256 is') },
    ]);
    // Three receives, with three reads of a small object each.
    expect(Object.fromEntries(reads)).toMatchObject({
      'flipped once': 2,
      'large, flipped once': 2,
      'always flipped': 9,
      good: 1,
    });
    const compared = bundles.flatMap(({ members }) => members.map(({ verifiedBy }) => verifiedBy));
    expect(compared).toEqual(files.map(() => 'sha256'));
  });
});
