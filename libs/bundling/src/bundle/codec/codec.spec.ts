import { createHook } from 'node:async_hooks';
import { Transform } from 'node:stream';
import { gzip } from '../gzip/gzip.ts';
import { text } from '../testing/content.ts';
import { openWhole, wholeStaging } from '../testing/stage.ts';
import { itWith, run } from '../testing/tools.ts';
import { createBundleWriter } from '../writer.ts';
import { store } from './codec.ts';
import { zstd } from './zstd.ts';

it('builds a bundle in memory without thread pool, timer or file', async () => {
  const kinds = new Set<string>();
  const hook = createHook({ init: (_id, kind) => void kinds.add(kind) }).enable();
  const writer = createBundleWriter({ codec: store(), staging: wholeStaging(2 ** 20) });
  await writer.append({ name: 'a', size: 5, mtime: 0 }, Buffer.from('hello'));
  const body = (async function* () {
    for (let chunk = 0; chunk < 5; chunk += 1) yield Buffer.alloc(100_000, chunk);
  })();
  await writer.appendStream({ name: 'b', size: 500_000, mtime: 0 }, body);
  const finished = await writer.finish();
  let length = 0;
  for await (const chunk of openWhole(finished)) length += chunk.length;
  await writer.discard();
  hook.disable();
  expect(length).toBe(finished.size);
  const harmless = ['PROMISE', 'TickObject', 'Microtask', 'STREAM_END_OF_STREAM'];
  expect([...kinds].filter((kind) => !harmless.includes(kind))).toEqual([]);
});

itWith('zstd')('writes one frame with a checksum, which the zstd tool verifies', async () => {
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

it.each([gzip(), zstd({ level: 3 })])("frees zlib's memory when it is closed early: $name", async (codec) => {
  const encoder = codec.createEncoder(async () => undefined);
  await encoder.write(text(200_000), 'body');
  const destroy = jest.spyOn(Transform.prototype, 'destroy');
  await encoder.close();
  expect(destroy).toHaveBeenCalledTimes(1);
  destroy.mockRestore();
});
