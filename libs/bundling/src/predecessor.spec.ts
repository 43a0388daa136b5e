import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallError } from '@data-aggregator/shared-processing/errors';
import type { ObjectStore, ReceivedObject, StoredObject } from '@data-aggregator/shared-processing/s3';
import { harness } from './testing/harness.ts';

// Failures observed when the previous system ran. Each has a test with its description as the name.

const lost = new CallError('a call', { outcome: 'unknown', code: 'ECONNRESET' });
type Harness = ReturnType<typeof harness>;

/** A store in which the body of one key always ends after some bytes. */
const cutting =
  (key: string, bytes: number) =>
  (store: ObjectStore): ObjectStore => ({
    ...store,
    async get(request) {
      const received = await store.get(request);
      return request.key === key ? { ...received, body: cut(received.body, bytes) } : received;
    },
  });

function cut(body: ReceivedObject['body'], bytes: number): ReceivedObject['body'] {
  async function* chunks() {
    for await (const chunk of body) {
      yield chunk.subarray(0, bytes);
      throw new Error('aborted');
    }
  }
  return Object.assign(chunks(), { destroy: () => undefined });
}

/** Extracts a bundle with GNU tar and reads the extracted files. */
function extract(bundle: Buffer): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'extract-'));
  try {
    writeFileSync(join(folder, 'bundle.tar.gz'), bundle);
    execFileSync('tar', ['-xzf', 'bundle.tar.gz'], { cwd: folder, stdio: 'pipe' });
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const paths = files
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => !path.endsWith('.tar.gz'));
    return new Map(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function onlyBundle(h: Harness): Buffer {
  const [key = '', ...others] = h.bundles();
  expect(others).toEqual([]);
  return h.memory.versions('distribution', key)[0]?.content ?? Buffer.alloc(0);
}

test('a redelivered message was bundled again every time', async () => {
  const h = harness();
  const message = h.notify(h.land('a.txt', 'content'));
  for (let delivery = 0; delivery < 4; delivery++) {
    await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
  }
  expect(await h.delivered()).toEqual([['a.txt', 'content']]);
  expect(h.counts).toMatchObject({ Bundled: 1, Duplicates: 3 });
});

test('the body of one large object cut mid-stream left a corrupt archive whose other members had been acknowledged', async () => {
  const h = harness({ store: cutting('large', 1_000) });
  const large = h.notify(h.land('large', Buffer.alloc(300_000, 'x')));
  const small = h.notify(h.land('small', 'small'));
  await expect(h.handle([small, large])).resolves.toEqual({
    batchItemFailures: [{ itemIdentifier: large.messageId }],
  });
  expect(await h.delivered()).toEqual([['small', 'small']]);
});

test('the body of a small object cut mid-stream does not affect the other members either', async () => {
  const h = harness({ store: cutting('cut', 2) });
  const bad = h.notify(h.land('cut', 'never whole'));
  const good = h.notify(h.land('good', 'good'));
  await expect(h.handle([bad, good])).resolves.toEqual({
    batchItemFailures: [{ itemIdentifier: bad.messageId }],
  });
  expect(await h.delivered()).toEqual([['good', 'good']]);
});

test('a failed upload acknowledged messages that had failed before it', async () => {
  const h = harness({
    store: (store) => ({
      ...cutting('cut', 2)(store),
      put: (object) => (object.key.startsWith('bundles/') ? Promise.reject(lost) : store.put(object)),
    }),
  });
  const messages = [h.notify(h.land('cut', 'never whole')), h.notify(h.land('good', 'good'))];
  const { batchItemFailures } = await h.handle(messages);
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(
    messages.map(({ messageId }) => messageId).sort(),
  );
});

test('"a b.txt" fetched the content of "a+b.txt"', async () => {
  const h = harness();
  await h.handle([h.notify(h.land('a b.txt', 'with a space')), h.notify(h.land('a+b.txt', 'with a plus'))]);
  expect(await h.delivered()).toEqual([
    ['a b.txt', 'with a space'],
    ['a+b.txt', 'with a plus'],
  ]);
});

test("an event for version 1 bundled version 2's bytes", async () => {
  const h = harness();
  const first = h.notify(h.land('a.txt', 'version 1'));
  h.land('a.txt', 'version 2, and longer');
  await h.handle([first]);
  expect(await h.delivered()).toEqual([['a.txt', 'version 1']]);
});

test('an object longer than notified was silently truncated', async () => {
  const h = harness();
  const record = h.land('a.txt', 'longer than notified');
  const short = { ...record, s3: { ...record.s3, object: { ...record.s3.object, size: 6 } } };
  await h.handle([h.notify(short)]);
  expect(await h.delivered()).toEqual([['a.txt', 'longer than notified']]);
});

test('"a//b" and "a/b" overwrote each other on extraction', async () => {
  const h = harness();
  await h.handle([h.notify(h.land('a//b', 'two')), h.notify(h.land('a/b', 'one'))]);
  const files = extract(onlyBundle(h));
  expect(files.get('a/b')).toBe('one');
  expect([...files.values()].sort()).toEqual(['one', 'two']);
});

test('"folder/" next to "folder/x" broke extraction', async () => {
  const h = harness();
  await h.handle([h.notify(h.land('folder/', 'bytes')), h.notify(h.land('folder/x', 'x'))]);
  const files = extract(onlyBundle(h));
  expect(files.get('folder/x')).toBe('x');
  expect([...files.values()].sort()).toEqual(['bytes', 'x']);
});

test('a full bundle used up the receives of healthy objects until they were dead letters', async () => {
  const h = harness();
  // One batch for ten full bundles.
  const messages = Array.from({ length: 40 }, (_, i) => h.notify(h.land(`${i}`, Buffer.alloc(190_000, i))));
  await expect(h.handle(messages)).resolves.toEqual({ batchItemFailures: [] });
  expect(await h.delivered()).toHaveLength(40);
  expect(h.bundles().length).toBeGreaterThan(5);
});

test('an object over the limit at the head of a batch blocked it and uploaded empty bundles', async () => {
  const h = harness();
  const huge = h.notify(h.land('huge', Buffer.alloc(2_000_001)));
  await expect(h.handle([huge, h.notify(h.land('good', 'good'))])).resolves.toEqual({
    batchItemFailures: [],
  });
  expect(await h.delivered()).toEqual([['good', 'good']]);
  expect(h.deadLetters.map(({ attributes }) => attributes['reason'])).toEqual(['too-large']);
});

test('one malformed body failed ten messages forever', async () => {
  const h = harness();
  const good = Array.from({ length: 9 }, (_, i) => h.notify(h.land(`${i}`, `${i}`)));
  await expect(h.handle([h.message('{"Records":[{'), ...good])).resolves.toEqual({ batchItemFailures: [] });
  expect(await h.delivered()).toHaveLength(9);
  expect(h.deadLetters).toHaveLength(1);
});

test('"CON.txt" went to the dead-letter queue although its name can be made safe', async () => {
  const h = harness();
  await h.handle([h.notify(h.land('CON.txt', 'a device on Windows'))]);
  expect(h.deadLetters).toEqual([]);
  expect((await h.delivered()).map(([, content]) => content)).toEqual(['a device on Windows']);
  const [key = ''] = h.bundles();
  const [member] = h.manifest(key).members;
  expect(member?.key).toBe('CON.txt');
  expect(member?.name).not.toBe('CON.txt');
});

test('"Content-Encoding: gzip" on a .tar.gz made HTTP clients unpack it, so that the checksum no longer matched', async () => {
  const stored: StoredObject[] = [];
  const h = harness({
    store: (store) => ({
      ...store,
      put: async (object) => {
        stored.push(object);
        await store.put(object);
      },
    }),
  });
  await h.handle([h.notify(h.land('a.txt', 'content'))]);
  const bundle = stored.find(({ bucket }) => bucket === 'distribution');
  expect(bundle?.contentType).toBe('application/gzip');
  // The object store's spec tests that the PUT has no Content-Encoding.
  expect(Object.keys(bundle ?? {})).not.toContain('contentEncoding');
});
