import { CallError } from '@data-aggregator/shared-processing/errors';
import { bundleId } from '@data-aggregator/shared-processing/ledger';
import type { MultipartStore } from '@data-aggregator/shared-processing/s3';
import { harness, NINE } from './testing/harness.ts';

/* Bundles that one request cannot copy, because of their size or because they have no SHA-256. */

const lost = new CallError('COMPLETE', { outcome: 'unknown', code: 'ECONNRESET' });
const request = (bundle: string) => ({ requestId: 'r', bundles: [bundle], execute: true });

describe('a bundle that must be copied in parts', () => {
  it('is replayed once, and its checksum is compared before it is visible', async () => {
    const { bundle, run, replayed, store } = harness();
    const key = await bundle({ copied: true });
    await expect(run(request(key))).resolves.toMatchObject({ counts: { copied: 1 }, bytes: 8 });
    await expect(run(request(key))).resolves.toMatchObject({ counts: { 'already-there': 1 } });
    const [target = ''] = replayed();
    expect(store.versions('distribution', target).map(({ content }) => String(content))).toEqual([
      'bundle 1',
    ]);
    expect(store.uploads()).toEqual([]);
  });

  it('is not replayed with other bytes, even if the archive has no checksum', async () => {
    const { bundle, run, replayed, store, log } = harness((replays) => ({
      ...replays,
      stateOf: async (...given) => ({ ...(await replays.stateOf(...given)), crc64nvme: undefined }),
    }));
    const key = await bundle({ copied: true });
    store.upload('archive', key, Buffer.from('bundle x'));
    await expect(run(request(key))).resolves.toMatchObject({ counts: { failed: 1 } });
    expect(replayed()).toEqual([]);
    expect(store.uploads()).toEqual([]);
    expect(log.events.map(({ event }) => event)).toContain('bundle.miscopied');
  });

  it('counts as replayed if only the response to its completion was lost', async () => {
    const { bundle, run, replayed } = harness(undefined, (multipart) => ({
      async complete(...given) {
        await multipart.complete(...given);
        throw lost;
      },
    }));
    await expect(run(request(await bundle({ copied: true })))).resolves.toMatchObject({
      counts: { copied: 1 },
    });
    expect(replayed()).toHaveLength(1);
  });

  it('is not delivered twice by a completion that arrives after the request was repeated', async () => {
    let late: (() => Promise<void>) | undefined;
    const { bundle, run, replayed, store } = harness(undefined, (multipart) => ({
      complete(...given) {
        if (late) return multipart.complete(...given);
        late = () => multipart.complete(...given);
        return Promise.reject(lost);
      },
    }));
    const key = await bundle({ copied: true });
    await expect(run(request(key))).resolves.toMatchObject({ counts: { failed: 1 } });
    await expect(run(request(key))).resolves.toMatchObject({ counts: { copied: 1 } });
    const [target = ''] = replayed();
    store.addDeleteMarker('distribution', target);
    await expect(late?.()).rejects.toMatchObject({ code: 'NoSuchUpload' });
  });

  it('counts as replayed if its completion takes effect before the request is repeated', async () => {
    let late: (() => Promise<void>) | undefined;
    const { bundle, run, replayed } = harness(undefined, (multipart) => ({
      complete(...given) {
        late = () => multipart.complete(...given);
        return Promise.reject(lost);
      },
    }));
    const key = await bundle({ copied: true });
    await run(request(key));
    await late?.();
    expect(replayed()).toHaveLength(1);
    await expect(run(request(key))).resolves.toMatchObject({ counts: { 'already-there': 1 } });
  });

  it('is copied even if the same request is planned meanwhile', async () => {
    const { bundle, run } = harness(undefined, (multipart) => ({
      async copyPart(...given) {
        await run({ ...request(key), execute: false });
        return multipart.copyPart(...given);
      },
    }));
    const key = await bundle({ copied: true });
    await expect(run(request(key))).resolves.toMatchObject({ counts: { copied: 1 } });
  });

  it('is known by its upload for as long as S3 keeps the upload, but not for ever', async () => {
    const { bundle, run, table } = harness();
    const key = await bundle({ copied: true });
    await run(request(key));
    const days = (Number(table.items.get(bundleId(`replays/r/${key}`))?.['expires']) - NINE / 1000) / 86_400;
    expect(days).toBeGreaterThan(7);
    expect(days).toBeLessThan(30);
  });

  it.each([
    ['tar', 'application/x-tar'],
    ['tar.gz', 'application/gzip'],
    ['tar.zst', 'application/zstd'],
  ] as const)('has the content type of its format, %s', async (format, contentType) => {
    const create = jest.fn<Promise<string>, Parameters<MultipartStore['create']>>();
    const { bundle, run } = harness(undefined, (multipart) => ({
      create: create.mockImplementation(multipart.create),
    }));
    await run(request(await bundle({ copied: true, stated: { format } })));
    expect(create).toHaveBeenCalledWith(expect.objectContaining({ contentType }));
  });

  it('waits if an earlier upload cannot be aborted', async () => {
    let isAbortable = false;
    const { bundle, run, replayed } = harness(undefined, (multipart) => ({
      complete: () => Promise.reject(lost),
      abort: (upload) => (isAbortable ? multipart.abort(upload) : Promise.reject(lost)),
    }));
    const key = await bundle({ copied: true });
    await run(request(key));
    await expect(run(request(key))).resolves.toMatchObject({ counts: { failed: 1 } });
    isAbortable = true;
    await run(request(key));
    expect(replayed()).toEqual([]);
  });

  it('leaves no upload behind if a range cannot be copied', async () => {
    const { bundle, run, store } = harness(undefined, () => ({ copyPart: () => Promise.reject(lost) }));
    await expect(run(request(await bundle({ copied: true })))).resolves.toMatchObject({
      counts: { failed: 1 },
    });
    expect(store.uploads()).toEqual([]);
  });
});

describe('a bundle that has a SHA-256', () => {
  const GIB = 1024 ** 3;

  it.each([
    ['in one request up to 5 GiB', 5 * GIB, { copied: 1 }, 0],
    // These parts are not the bundle's, so they stay invisible.
    ['in parts above', 5 * GIB + 1, { failed: 1 }, 5 * GIB + 1],
  ])('is copied %s', async (_, size, counts, inParts) => {
    let bytes = 0;
    const { bundle, run, dependencies } = harness(
      (replays) => ({
        ...replays,
        stateOf: async (...given) => ({ ...(await replays.stateOf(...given)), size, crc64nvme: undefined }),
      }),
      () => ({
        async copyPart(_upload, number, { start, end }) {
          bytes += end - start;
          return { number, etag: 'e', size: end - start, crc64nvme: '0'.repeat(16) };
        },
      }),
    );
    dependencies.rangeBytes = GIB;
    const key = await bundle({ stated: { size, crc64nvme: 'f'.repeat(16) } });
    await expect(run(request(key))).resolves.toMatchObject({ counts });
    expect(bytes).toBe(inParts);
  });
});
