import { hash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { noise, temporaryFolder, writeSource } from './testing/files.ts';
import { type Landing, type SourceFile, upload } from './upload.ts';

const signal = new AbortController().signal;
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

function source(key: string, content: string | Uint8Array): SourceFile {
  writeSource(folder.path, key, content);
  return { key, path: join(folder.path, key), size: content.length };
}

/** Refuses bytes that differ from the declared checksum, as S3 does. */
function landing(): Landing & { stored: Map<string, string> } {
  const stored = new Map<string, string>();
  return {
    bucket: 'landing',
    stored,
    async put({ key, body, size, sha256 }) {
      const bytes = body instanceof Uint8Array ? body : await buffer(body);
      if (bytes.length !== size || hash('sha256', bytes) !== sha256) {
        throw Object.assign(new Error('other bytes'), { name: 'BadDigest' });
      }
      stored.set(key, sha256);
      return {
        bucket: 'landing',
        key,
        version: { kind: 'id', versionId: `version of ${key}` },
        size,
        sha256,
      };
    },
  };
}

describe('uploading', () => {
  it('returns version and hash of every file, in the order of the files', async () => {
    const contents = { small: 'abc', empty: '', large: noise(5 * 1024 ** 2) };
    const files = Object.entries(contents).map(([key, content]) => source(key, content));
    const to = landing();
    const told: string[] = [];
    const sent = await upload(files, to, { signal, onUploaded: ({ key }) => told.push(key) });
    expect(sent).toEqual(
      Object.entries(contents).map(([key, content]) => ({
        bucket: 'landing',
        key,
        version: { kind: 'id', versionId: `version of ${key}` },
        size: content.length,
        sha256: hash('sha256', content),
      })),
    );
    expect([...to.stored.keys()].sort()).toEqual(told.sort());
  });

  it('sends the content that a small file has when it is read, even if it grew', async () => {
    const file = source('log', 'one');
    appendFileSync(file.path, ' two');
    await expect(upload([file], landing(), { signal })).resolves.toMatchObject([
      { size: 7, sha256: hash('sha256', 'one two') },
    ]);
  });

  it.each([
    ['is gone', { key: 'gone', path: '/nowhere/gone', size: 1 }, '/nowhere/gone cannot be read: ENOENT'],
    [
      'is gone and was large',
      { key: 'g', path: '/nowhere/g', size: 9e6 },
      '/nowhere/g cannot be read: ENOENT',
    ],
  ])('fails with one sentence if a file %s', async (_, file, message) => {
    await expect(upload([file], landing(), { signal })).rejects.toMatchObject({
      name: 'Failure',
      message: expect.stringContaining(message),
    });
  });

  it('fails with one sentence if a large file grows during the upload', async () => {
    const file = source('large', noise(5 * 1024 ** 2));
    const to = landing();
    const growing: Landing = {
      ...to,
      put: (object) => {
        appendFileSync(file.path, 'more');
        return to.put(object);
      },
    };
    await expect(upload([file], growing, { signal })).rejects.toThrow(
      `${file.path} changed while it was sent.`,
    );
  });

  it('rejects with the reason of its signal', async () => {
    const reason = new Error('stop');
    const to = landing();
    await expect(upload([source('a', 'a')], to, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(to.stored.size).toBe(0);
  });
});
