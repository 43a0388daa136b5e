import { text } from '../testing/content.ts';
import { itWith, run } from '../testing/tools.ts';
import { zstd } from './zstd.ts';

itWith('zstd')('gives one frame with a checksum that the zstd tool reads', async () => {
  const chunks: Uint8Array[] = [];
  const encoder = zstd({ level: 3 }).createEncoder(async (bytes) => void chunks.push(Uint8Array.from(bytes)));
  const content = text(300_000);
  await encoder.write(content, 'body');
  await encoder.end();
  await encoder.close();
  const out = Buffer.concat(chunks);
  run('zstd', ['-t'], out);
  expect(run('zstd', ['-dc'], out).equals(content)).toBe(true);
  out[out.length - 1] = (out[out.length - 1] ?? 0) ^ 1;
  expect(() => run('zstd', ['-dc'], out)).toThrow(/checksum/i);
});
