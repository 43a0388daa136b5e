import { text } from './bundle/testing/content.ts';
import { codecFor } from './encoding.ts';
import type { PlannedBundle } from './plan.ts';

async function bytesOf(kind: PlannedBundle['kind'], level: number): Promise<number> {
  let bytes = 0;
  const encoder = codecFor(kind, { format: 'tar.gz', level }).createEncoder(
    async ({ length }) => void (bytes += length),
  );
  await encoder.write(text(300_000), 'body');
  await encoder.end();
  await encoder.close();
  return bytes;
}

describe('the encoding', () => {
  it.each([
    ['tar.gz', 'application/gzip'],
    ['tar.zst', 'application/zstd'],
  ] as const)('has the configured format: %s', (format, contentType) => {
    expect(codecFor('packed', { format, level: 6 })).toMatchObject({ extension: `.${format}`, contentType });
  });

  it('of many members has the configured level', async () => {
    expect(await bytesOf('packed', 9)).toBeLessThan(await bytesOf('packed', 3));
  });

  it('of a large member has a level that finishes in time, or a lower configured one', async () => {
    expect(await bytesOf('single', 9)).toBe(await bytesOf('packed', 3));
    expect(await bytesOf('single', 1)).toBe(await bytesOf('packed', 1));
  });
});
