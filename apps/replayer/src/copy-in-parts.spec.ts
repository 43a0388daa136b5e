import { CallError } from '@data-aggregator/shared-processing/errors';
import { harness } from './testing/harness.ts';

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

  it('is not replayed with other bytes', async () => {
    const { bundle, run, replayed, store, log } = harness();
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
