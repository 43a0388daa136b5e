import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { liveMemory } from '@data-aggregator/shared-processing/testing';
import {
  createBundleWriter,
  gzip,
  MemberBodyError,
  store,
  zstd,
  type BundleWriter,
  type Codec,
  type Staging,
} from './index.ts';
import { noise, pieces, text } from './testing/content.ts';
import { openWhole, partedStaging, wholeStaging } from './testing/stage.ts';
import { itWith, run, untar } from './testing/tools.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const mtime = 1_700_000_000_000;
const writerOf = (codec: Codec = store(), memoryBytes = 2 ** 22): BundleWriter =>
  createBundleWriter({ codec, staging: wholeStaging(memoryBytes) });

const codecs: [string, Codec, (bytes: Buffer) => Buffer][] = [
  ['gzip', gzip(), (bytes) => gunzipSync(bytes)],
  ['zstd', zstd({ level: 3 }), (bytes) => zstdDecompressSync(bytes)],
  ['store', store(), (bytes) => bytes],
];

const contents: [string, Buffer][] = [
  ['a/text.json', text(5000)],
  ['a/empty', Buffer.alloc(0)],
  ['é'.repeat(200), noise(100_000)],
  ['exact', text(1024)],
  ['large.json', text(700_000)],
];

/** A body that stalls after its chunks. */
async function* silentAfter(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
  await new Promise(() => undefined);
}

async function filled(writer: BundleWriter): Promise<string[]> {
  const sums: string[] = [];
  for (const [index, [name, content]] of contents.entries()) {
    const entry = { name, size: content.length, mtime };
    const chunks = pieces(content, 10_000);
    sums.push(
      index % 2 === 0
        ? await writer.append(entry, content)
        : await writer.appendStream(entry, Readable.from(chunks)),
    );
  }
  return sums;
}

describe.each(codecs)('a bundle in %s', (_name, codec, decode) => {
  it('contains its members, and reports sizes and checksums', async () => {
    const writer = writerOf(codec);
    const sums = await filled(writer);
    const finished = await writer.finish();
    const bytes = await buffer(openWhole(finished));
    const tar = decode(bytes);

    expect(sums).toEqual(contents.map(([, content]) => sha256(content)));
    expect(finished).toMatchObject({ size: bytes.length, sha256: sha256(bytes), tarSize: tar.length });
    const members = await untar(tar);
    expect(members.map(({ header, content }) => [header.name, sha256(content)])).toEqual(
      contents.map(([name, content]) => [name, sha256(content)]),
    );
    expect((await buffer(openWhole(finished))).equals(bytes)).toBe(true);
    await writer.discard();
  });

  it('is the same tar for the same members', async () => {
    const [one, other] = [writerOf(codec), writerOf(store())];
    await filled(one);
    await filled(other);
    const tars = [
      decode(await buffer(openWhole(await one.finish()))),
      await buffer(openWhole(await other.finish())),
    ];
    expect(tars[0]?.equals(tars[1] ?? Buffer.alloc(0))).toBe(true);
    await Promise.all([one.discard(), other.discard()]);
  });

  it('throws in append or finish if a part cannot be stored', async () => {
    const staging: Staging = {
      ...wholeStaging(1_000),
      write: () => Promise.reject(new Error('no such bucket')),
    };
    const writer = createBundleWriter({ codec, staging });
    const built = (async () => {
      await writer.append({ name: 'a', size: 600_000, mtime }, noise(600_000));
      await writer.finish();
    })();
    await expect(built).rejects.toThrow('no such bucket');
    await expect(writer.finish()).rejects.toThrow(/needs a member|the bundle is broken/);
    await writer.discard();
  });

  it('is the same bundle in parts as in memory', async () => {
    const parts: Buffer[] = [];
    const [whole, parted] = [
      writerOf(codec),
      createBundleWriter({
        codec,
        staging: partedStaging(100_000, (number, part) => void (parts[number - 1] = Buffer.from(part))),
      }),
    ];
    await filled(whole);
    await filled(parted);
    const [one, other] = [await whole.finish(), await parted.finish()];
    expect(other.staged.kind).toBe('parts');
    expect(Buffer.concat(parts).equals(await buffer(openWhole(one)))).toBe(true);
    expect(other).toMatchObject({ size: one.size, sha256: one.sha256, tarSize: one.tarSize });
    await Promise.all([whole.discard(), parted.discard()]);
  });
});

describe.each(['tar', 'bsdtar'])('%s', (tar) => {
  itWith(tar)('extracts a gzip bundle', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'untar-'));
    const writer = writerOf(gzip());
    const named = contents.map(([name, content]) => [name.slice(0, 100), content] as const);
    for (const [name, content] of named) await writer.append({ name, size: content.length, mtime }, content);
    run(tar, ['-xzf', '-', '--no-same-owner'], await buffer(openWhole(await writer.finish())), folder);
    for (const [name, content] of named) expect(readFileSync(join(folder, name)).equals(content)).toBe(true);
    await writer.discard();
    rmSync(folder, { recursive: true });
  });
});

describe('append', () => {
  it('refuses content of another length before it writes anything', async () => {
    const writer = writerOf();
    await writer.append({ name: 'a', size: 1, mtime }, Buffer.from('a'));
    const wrong = writer.append({ name: 'b', size: 3, mtime }, Buffer.from('bbbb'));
    await expect(wrong).rejects.toMatchObject({
      name: 'MemberBodyError',
      entryName: 'b',
      expectedBytes: 3,
      actualBytes: 4,
    });
    await writer.append({ name: 'c', size: 1, mtime }, Buffer.from('c'));
    const members = await untar(await buffer(openWhole(await writer.finish())));
    expect(members.map(({ header }) => header.name)).toEqual(['a', 'c']);
    await writer.discard();
  });

  it('refuses a name that a tar cannot represent, and the bundle remains usable', async () => {
    const writer = writerOf();
    await expect(writer.append({ name: '/a', size: 0, mtime }, Buffer.alloc(0))).rejects.toThrow(
      'starts with /',
    );
    await writer.append({ name: 'a', size: 0, mtime }, Buffer.alloc(0));
    await writer.finish();
    await writer.discard();
  });

  it('refuses a second call before the first has ended', async () => {
    const writer = writerOf();
    const first = writer.append({ name: 'a', size: 1, mtime }, Buffer.from('a'));
    await expect(writer.append({ name: 'b', size: 0, mtime }, Buffer.alloc(0))).rejects.toThrow(
      'the bundle is busy',
    );
    await first;
    await writer.discard();
  });
});

describe('appendStream', () => {
  const entry = { name: 'a', size: 10, mtime };

  it.each([
    ['too short', [4, 3], 7],
    ['too long', [4, 7], 11],
  ])('throws if the body is %s', async (_case, lengths, actualBytes) => {
    const writer = writerOf();
    const body = Readable.from(lengths.map((length) => Buffer.alloc(length)));
    const error: unknown = await writer.appendStream(entry, body).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MemberBodyError);
    expect(error).toMatchObject({ entryName: 'a', expectedBytes: 10, actualBytes });
    expect(error).not.toHaveProperty('cause');
    await expect(writer.append({ ...entry, size: 0 }, Buffer.alloc(0))).rejects.toThrow(
      'the bundle is broken',
    );
    await expect(writer.finish()).rejects.toThrow('the bundle is broken');
    await writer.discard();
  });

  it('throws with the cause if the body fails', async () => {
    const cause = new Error('socket hang up');
    const body = new Readable({ read: () => undefined });
    body.push(Buffer.alloc(4));
    setImmediate(() => body.destroy(cause));
    const writer = writerOf();
    const failed = writer.appendStream(entry, body);
    await expect(failed).rejects.toMatchObject({ name: 'MemberBodyError', actualBytes: 4, cause });
    await expect(failed).rejects.toThrow('the body of "a" failed after 4 bytes where 10 were declared');
    await writer.discard();
  });

  it.each([
    ['when it is too long', { ...entry, size: 3 }],
    ['when the entry is refused', { ...entry, name: '' }],
  ])('closes the body %s', async (_case, wrong) => {
    const body = new Readable({ read: () => undefined });
    body.push(Buffer.alloc(4));
    const writer = writerOf();
    await expect(writer.appendStream(wrong, body)).rejects.toThrow();
    expect(body.destroyed).toBe(true);
    await writer.discard();
  });

  it('also closes a generator', async () => {
    let closed = false;
    const body = (async function* () {
      try {
        for (;;) yield Buffer.alloc(8);
      } finally {
        closed = true;
      }
    })();
    const writer = writerOf();
    await expect(writer.appendStream(entry, body)).rejects.toThrow(MemberBodyError);
    expect(closed).toBe(true);
    await writer.discard();
  });

  it('reads no faster than it is written', async () => {
    let given = 0;
    let release = (): void => undefined;
    const blocked = new Promise<void>((resolve) => (release = resolve));
    const staging: Staging = { ...wholeStaging(1_000), write: () => blocked };
    const writer = createBundleWriter({ codec: gzip(), staging });
    const chunk = noise(64 * 1024);
    const body = (async function* () {
      for (; given < 100; given += 1) yield chunk;
    })();
    const appended = writer.appendStream({ ...entry, size: 100 * chunk.length }, body);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(given).toBeLessThan(6);
    release();
    await appended;
    expect(given).toBe(100);
    await writer.discard();
  });

  it('uses constant memory for 200 MB of incompressible data', async () => {
    const source = noise(8 * 2 ** 20);
    const chunk = 64 * 1024;
    const size = 200 * 2 ** 20;
    const staging = partedStaging(4 * 2 ** 20, () => undefined);
    const writer = createBundleWriter({ codec: gzip(), staging });
    const before = liveMemory();
    let peak = before;
    const body = (async function* () {
      for (let sent = 0; sent < size; sent += chunk) {
        // The window slides by less than a chunk, so that the content does not repeat.
        const start = (sent * 1.37) % (source.length - chunk);
        yield source.subarray(Math.floor(start), Math.floor(start) + chunk);
        if (sent % (20 * 2 ** 20) === 0) peak = Math.max(peak, liveMemory());
      }
    })();
    await writer.appendStream({ name: 'large', size, mtime }, body);
    const finished = await writer.finish();
    expect(finished.size).toBeGreaterThan(size);
    expect(finished.size).toBeLessThan(size * 1.001);
    await writer.discard();
    expect((peak - before) / 2 ** 20).toBeLessThan(32);
  }, 30_000);
});

describe('finish', () => {
  it('refuses an empty bundle', async () => {
    const writer = writerOf();
    await expect(writer.finish()).rejects.toThrow('a bundle needs a member');
    await writer.discard();
  });

  it('can be called once, and allows no further calls', async () => {
    const writer = writerOf();
    await writer.append({ name: 'a', size: 0, mtime }, Buffer.alloc(0));
    await writer.finish();
    await expect(writer.finish()).rejects.toThrow('the bundle is finished');
    await expect(writer.append({ name: 'b', size: 0, mtime }, Buffer.alloc(0))).rejects.toThrow(
      'the bundle is finished',
    );
    await writer.discard();
  });
});

describe('discard', () => {
  it.each(codecs)('aborts a %s member whose body stalls', async (_name, codec) => {
    const staging = partedStaging(40_000, () => undefined);
    const writer = createBundleWriter({ codec, staging });
    const appended = writer.appendStream({ name: 'a', size: 2 ** 30, mtime }, silentAfter(noise(300_000)));
    const ended = expect(appended).rejects.toThrow('the bundle is discarded');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await writer.discard();
    await ended;
  });

  it.each(codecs)('aborts a %s member that is being written', async (_name, codec) => {
    const staging = partedStaging(40_000, () => undefined);
    const writer = createBundleWriter({ codec, staging });
    const appended = writer.appendStream(
      { name: 'a', size: 2 ** 30, mtime },
      silentAfter(text(300_000), noise(300_000)),
    );
    const ended = expect(appended).rejects.toThrow('the bundle is discarded');
    await Promise.all([writer.discard(), writer.discard()]);
    await ended;
    await expect(writer.append({ name: 'b', size: 0, mtime }, Buffer.alloc(0))).rejects.toThrow(
      'the bundle is discarded',
    );
  });

  it.each(codecs)('rejects a %s member whose last write ends meanwhile', async (_name, codec) => {
    let release = (): void => undefined;
    const blocked = new Promise<void>((resolve) => (release = resolve));
    const staging: Staging = { ...wholeStaging(1_000), write: () => blocked };
    const writer = createBundleWriter({ codec, staging });
    const appended = writer.append({ name: 'a', size: 1, mtime }, Buffer.from('a'));
    const ended = expect(appended).rejects.toThrow('the bundle is discarded');
    const discarded = writer.discard();
    release();
    await Promise.all([ended, discarded]);
  });

  it('closes a stalled stream', async () => {
    const body = new Readable({ read: () => undefined });
    const writer = writerOf();
    const ended = expect(writer.appendStream({ name: 'a', size: 5, mtime }, body)).rejects.toThrow(
      'discarded',
    );
    await writer.discard();
    await ended;
    expect(body.destroyed).toBe(true);
  });

  it('is possible after the bundle is finished', async () => {
    const writer = writerOf(gzip());
    await writer.append({ name: 'a', size: 500_000, mtime }, noise(500_000));
    const finished = await writer.finish();
    await writer.discard();
    await writer.discard();
    expect(() => openWhole(finished)).toThrow('discarded');
  });
});
