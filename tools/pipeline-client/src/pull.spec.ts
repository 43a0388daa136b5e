import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { temporaryFolder, writeSource } from './testing/files.ts';
import { type Consumer, pull } from './pull.ts';

const { signal } = new AbortController();
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** Bundles by key: the metadata has the hash of `stated`, the body is `content`. */
function consumer(bundles: Record<string, { content: string; stated?: string }>, leftMarker = true) {
  const removed: string[] = [];
  const it: Consumer & { removed: string[] } = {
    removed,
    list: async () => Object.keys(bundles),
    async get(key) {
      const { content = '', stated = content } = bundles[key] ?? {};
      return { body: Readable.from([Buffer.from(content)]), sha256: hash('sha256', stated) };
    },
    async remove(key) {
      removed.push(key);
      return { leftMarker };
    },
  };
  return it;
}

describe('pulling', () => {
  it('downloads each bundle to its own file, then deletes it', async () => {
    const from = consumer({
      'bundles/a/1.tar.gz': { content: 'one' },
      'bundles/b/2.tar.gz': { content: 'two' },
    });
    const pulled = await pull(from, folder.path, { signal });
    expect(pulled).toEqual([
      {
        key: 'bundles/a/1.tar.gz',
        file: join(folder.path, '1.tar.gz'),
        size: 3,
        sha256: hash('sha256', 'one'),
        crc64nvme: expect.stringMatching(/^[0-9a-f]{16}$/),
        problem: undefined,
      },
      expect.objectContaining({ key: 'bundles/b/2.tar.gz' }),
    ]);
    expect(readFileSync(join(folder.path, '2.tar.gz'), 'utf8')).toBe('two');
    expect(from.removed).toEqual(['bundles/a/1.tar.gz', 'bundles/b/2.tar.gz']);
  });

  it('overwrites neither existing files nor bundles of the same name', async () => {
    writeSource(folder.path, 'x.tar.gz', 'earlier');
    const from = consumer({ 'a/x.tar.gz': { content: 'a' }, 'b/x.tar.gz': { content: 'b' } });
    const pulled = await pull(from, folder.path, { signal });
    expect(pulled.map(({ file }) => basename(file))).toEqual(['2-x.tar.gz', '3-x.tar.gz']);
    expect(readFileSync(join(folder.path, 'x.tar.gz'), 'utf8')).toBe('earlier');
  });

  it('does not delete a bundle whose bytes do not match its checksum', async () => {
    const from = consumer({ 'x.tar.gz': { content: 'changed', stated: 'right' } });
    const [bundle] = await pull(from, folder.path, { signal });
    expect(bundle?.problem).toMatch(/^its bytes do not match the SHA-256 in its metadata, [0-9a-f]{64}$/);
    expect(from.removed).toEqual([]);
  });

  it('compares a bundle that was uploaded in parts with the checksum that S3 stores', async () => {
    // The check value of "123456789".
    const from = (crc64nvme: string) => ({
      ...consumer({ x: { content: '123456789' } }),
      get: async () => ({ body: Readable.from([Buffer.from('123456789')]), sha256: undefined, crc64nvme }),
    });
    const [right] = await pull(from('ae8b14860a799888'), folder.path, { signal });
    expect(right?.problem).toBeUndefined();
    const [wrong] = await pull(from('0000000000000000'), folder.path, { signal });
    expect(wrong?.problem).toBe('its bytes do not match the CRC-64/NVME that S3 stores, 0000000000000000');
  });

  it('reports a deletion that left no delete marker', async () => {
    const [bundle] = await pull(consumer({ x: { content: 'x' } }, false), folder.path, { signal });
    expect(bundle?.problem).toBe('deleting it left no delete marker');
  });

  it('leaves no partial file and deletes nothing if the download breaks', async () => {
    const from = consumer({ x: { content: 'x' } });
    const broken: Consumer = {
      ...from,
      get: async () => ({
        sha256: '',
        body: Readable.from(
          (function* () {
            yield Buffer.from('half');
            throw new Error('connection lost');
          })(),
        ),
      }),
    };
    await expect(pull(broken, folder.path, { signal })).rejects.toThrow('connection lost');
    expect(readdirSync(folder.path)).toEqual([]);
    expect(from.removed).toEqual([]);
  });
});
