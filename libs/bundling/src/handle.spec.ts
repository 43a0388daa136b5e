import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { groupOfBundle } from '@data-aggregator/shared-processing/bundle-key';
import { CallError, SystemFault } from '@data-aggregator/shared-processing/errors';
import { objectIdOf, quarantineId } from '@data-aggregator/shared-processing/ledger';
import type { ReceivedObject } from '@data-aggregator/shared-processing/s3';
import { recordsOf } from './message-records.ts';
import { deliver } from './deliver.ts';
import { candidatesOf, DirectInvocationError, handleEvent, handleMessages } from './handle.ts';
import { planBundles } from './plan.ts';
import { harness } from './testing/harness.ts';
import { timeBudget } from './time-budget.ts';

const lost = new CallError('a call', { outcome: 'unknown', code: 'ECONNRESET' });
const refused = (code: string, status: number) =>
  new CallError('a call', { outcome: 'refused', code, status });

/** A body whose first bit is flipped. */
function withBitFlipped(body: ReceivedObject['body']): ReceivedObject['body'] {
  async function* chunks() {
    let isFirst = true;
    for await (const chunk of body) {
      const copy = Buffer.from(chunk);
      if (isFirst) copy[0] = (copy[0] ?? 0) ^ 1;
      isFirst = false;
      yield copy;
    }
  }
  return Object.assign(chunks(), { destroy: () => undefined });
}

describe('groups', () => {
  it('have bundles of their own, with the group in key and manifest', async () => {
    const { land, notify, handle, bundles, manifest, delivered } = harness({ groupBy: 'segments:1' });
    const records = ['a/1', 'B/1', 'a/2', 'loose'].map((key) => land(key, key));
    await expect(handle([notify(...records)])).resolves.toEqual({ batchItemFailures: [] });
    expect(await delivered()).toHaveLength(4);
    const described = bundles().map((key) => {
      const { bundle, members } = manifest(key);
      return [groupOfBundle(key), bundle.group, ...members.map((member) => member.key)];
    });
    expect(described.sort()).toEqual([
      ['_ungrouped', undefined, 'loose'],
      ['a', 'a', 'a/1', 'a/2'],
      [expect.stringMatching(/^b---[0-9a-f]{32}$/), 'B', 'B/1'],
    ]);
  });

  it('are planned again within the group if a member grew', async () => {
    const { memory, land, notify, handle, bundles } = harness({ groupBy: 'segments:1' });
    const grown = land('a/large', 'x'.repeat(250_000));
    grown.s3.object.size = 1;
    await handle([notify(grown, land('a/small', 'x'), land('b/small', 'x'))]);
    expect(bundles().map(groupOfBundle).sort()).toEqual(['a', 'a', 'b']);
    expect(memory.keys('distribution')).toHaveLength(3);
  });
});

describe('a batch of notifications', () => {
  it('ends in one bundle, with a manifest that lists its members', async () => {
    const h = harness();
    const batch = [h.notify(h.land('b/two.txt', 'two')), h.notify(h.land('a/one.txt', 'one'))];
    await expect(h.handle(batch)).resolves.toEqual({ batchItemFailures: [] });
    expect(await h.delivered()).toEqual([
      ['a/one.txt', 'one'],
      ['b/two.txt', 'two'],
    ]);
    const [key = ''] = h.bundles();
    const { bundle, members } = h.manifest(key);
    expect(members.map(({ name, size }) => [name, size])).toEqual([
      ['a/one.txt', 3],
      ['b/two.txt', 3],
    ]);
    expect(bundle.format).toBe('tar.gz');
    const [{ metadata } = {}] = h.memory.versions('distribution', key);
    expect(metadata).toEqual({ sha256: bundle.sha256, members: '2' });
    expect(h.counts).toMatchObject({ Bundled: 2, Bundles: 1, Duplicates: 0, Quarantined: 0 });
    expect(h.counts).toMatchObject({ BytesIn: 6, BytesOut: bundle.size, Unverified: 0 });
    expect(h.logged('bundle.published')).toEqual([
      { bundle: key, members: 2, bytes: bundle.size, tarBytes: expect.any(Number) },
    ]);
  });

  it.each([
    [120, {}],
    [121, { LaterThan120s: 1 }],
    [180, { LaterThan120s: 1 }],
    [181, { LaterThan120s: 1, LaterThan180s: 1 }],
  ])(
    'reports as metrics what an alarm watches, and late files only when there are some: %i s',
    async (age, late) => {
      const h = harness();
      const message = h.notify(h.land('a', '1'));
      h.clock.advance(age * 1_000);
      await h.handle([message, h.notify(h.land('b', '2'))]);
      expect(Object.fromEntries(h.metrics.counts)).toEqual({ Bundled: 2, ...late });
      await h.handle([h.message('{')]);
      expect(Object.fromEntries(h.metrics.counts)).toEqual({ Bundled: 2, Quarantined: 1, ...late });
    },
  );

  it.each(['batch', 'direct invocation'])('reports how long a %s and its slowest file took', async (kind) => {
    const h: ReturnType<typeof harness> = harness({
      readMs: 3_000,
    });
    const early = h.land('early', '1');
    h.clock.advance(100_000);
    const records = [early, h.land('recent', '2')];
    await (kind === 'batch' ? h.handle([h.notify(...records)]) : h.invoke({ Records: records }));
    expect(h.counts).toMatchObject({ ms: 6_000, slowestSeconds: 106 });
  });

  it('counts files that S3 has no checksum of', async () => {
    const h = harness({
      store: (store) => ({
        ...store,
        get: async (request) => ({
          ...(await store.get(request)),
          ...(request.key === 'unverified' && { checksum: undefined }),
        }),
      }),
    });
    await h.handle([h.notify(...['a', 'b', 'unverified'].map((key) => h.land(key, key)))]);
    expect(h.counts).toMatchObject({ Bundled: 3, Unverified: 1 });
  });

  it('fills several bundles without counting a full one as a failure', async () => {
    const h = harness();
    const batch = Array.from({ length: 1_200 }, (_, i) => h.notify(h.land(`${i}.txt`, `content ${i}`)));
    await expect(h.handle(batch)).resolves.toEqual({ batchItemFailures: [] });
    expect(h.bundles()).toHaveLength(3);
    expect(await h.delivered()).toHaveLength(1_200);
  });

  it('gives a large object a bundle of its own', async () => {
    const h = harness();
    const large = Buffer.alloc(300_000, 'x');
    await h.handle([h.notify(h.land('large', large)), h.notify(h.land('small', 'small'))]);
    expect(h.bundles()).toHaveLength(2);
    expect(await h.delivered()).toHaveLength(2);
  });

  it('handles many records in one message', async () => {
    const h = harness();
    await h.handle([h.notify(h.land('a', '1'), h.land('b', '2'), h.land('c', '3'))]);
    expect(await h.delivered()).toHaveLength(3);
  });

  it('bundles empty files', async () => {
    const h = harness();
    await h.handle([h.notify(h.land('empty', '')), h.notify(h.land('folder/', ''))]);
    expect(await h.delivered()).toHaveLength(2);
  });

  it('acknowledges and logs a test event, without an empty bundle', async () => {
    const h = harness();
    const test = h.message(
      JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'landing' }),
    );
    await expect(h.handle([test])).resolves.toEqual({ batchItemFailures: [] });
    expect(h.bundles()).toEqual([]);
    expect(h.deadLetters).toEqual([]);
    expect(h.logged('records.ignored')).toEqual([{ records: 1, types: { 's3:TestEvent': 1 } }]);
  });
});

describe('a record that announces no new object', () => {
  it('is acknowledged and counted, and is neither a dead letter nor in the way of its message', async () => {
    const h = harness();
    const removal = { ...h.land('removed.txt', ''), eventName: 'ObjectRemoved:Delete' };
    const tagging = { 'detail-type': 'Object Tags Added', source: 'aws.s3', detail: {} };
    const batch = [
      h.notify(removal, h.land('a.txt', 'content')),
      h.notify(removal),
      h.message(JSON.stringify(tagging)),
    ];
    await expect(h.handle(batch)).resolves.toEqual({ batchItemFailures: [] });
    expect(await h.delivered()).toEqual([['a.txt', 'content']]);
    expect(h.deadLetters).toEqual([]);
    expect(h.counts).toMatchObject({ Bundled: 1, Ignored: 3, Quarantined: 0, Retried: 0, Duplicates: 0 });
    expect(h.logged('records.ignored')).toEqual([
      { records: 3, types: { 'ObjectRemoved:Delete': 2, 'Object Tags Added': 1 } },
    ]);
  });

  it('is logged in a bounded line, whatever a sender invents', async () => {
    const h = harness();
    const records = Array.from({ length: 100 }, (_, i) => ({ eventName: `Object${i}:${'x'.repeat(1_000)}` }));
    await h.handle([h.notify(...records)]);
    const [line] = h.logged('records.ignored');
    expect(line).toMatchObject({ records: 100 });
    expect(JSON.stringify(line).length).toBeLessThan(2_000);
  });

  it('is not logged if there is none', async () => {
    const h = harness();
    await h.handle([h.notify(h.land('a.txt', 'content'))]);
    expect(h.logged('records.ignored')).toEqual([]);
    expect(h.counts).toMatchObject({ Ignored: 0 });
  });

  it('is success when the function is invoked with it', async () => {
    const h = harness();
    const event = { Records: [{ eventName: 'ObjectAcl:Put' }] };
    await expect(h.invoke(event)).resolves.toEqual({ bundles: [], bundled: 0, duplicates: 0 });
  });
});

describe('an archived object', () => {
  const archivedUntil = (isReadable: () => boolean) =>
    harness({
      store: (store) => ({
        ...store,
        get: (request, signal) =>
          isReadable() ? store.get(request, signal) : Promise.reject(refused('InvalidObjectState', 403)),
      }),
    });

  it.each(['the redrive of its dead letter', "S3's event at the end of the restore"])(
    'is refused as such, and is bundled once after a restore and %s',
    async (returning) => {
      let isRestored = false;
      const h = archivedUntil(() => isRestored);
      const record = h.land('a.txt', 'content');
      await h.handle([h.notify(record)]);
      expect(h.deadLetters.map(({ attributes }) => attributes['reason'])).toEqual(['archived']);

      isRestored = true;
      const redriven = h.message(h.deadLetters[0]?.body ?? '');
      const restored = h.notify({ ...record, eventName: 'ObjectRestore:Completed' });
      await h.handle([returning.startsWith('the') ? redriven : restored]);
      await h.handle([redriven, restored]);
      expect(await h.delivered()).toEqual([['a.txt', 'content']]);
      expect(h.counts).toMatchObject({ Quarantined: 1, Bundled: 1, Duplicates: 2 });
    },
  );

  it('is bundled with the size that S3 knows if the event has none', async () => {
    const h = harness();
    const record = h.land('a.txt', 'content');
    const { size: _, sequencer: __, ...object } = record.s3.object;
    const restored = { ...record, eventName: 'ObjectRestore:Completed', s3: { ...record.s3, object } };
    await expect(h.handle([h.notify(restored)])).resolves.toEqual({ batchItemFailures: [] });
    expect(await h.delivered()).toEqual([['a.txt', 'content']]);
  });
});

describe('the same version again', () => {
  it('is bundled once, even if the batch has several notifications for it', async () => {
    const h = harness();
    const record = h.land('a.txt', 'content');
    await expect(h.handle([h.notify(record), h.notify(record), h.notify(record, record)])).resolves.toEqual({
      batchItemFailures: [],
    });
    expect(await h.delivered()).toEqual([['a.txt', 'content']]);
    expect(h.counts).toMatchObject({ Bundled: 1, Duplicates: 3 });
  });

  it('is dropped when it is delivered again later', async () => {
    const h = harness();
    const record = h.land('a.txt', 'content');
    await h.handle([h.notify(record)]);
    await expect(h.handle([h.notify(record)])).resolves.toEqual({ batchItemFailures: [] });
    expect(h.bundles()).toHaveLength(1);
    expect(h.counts).toMatchObject({ Bundled: 1, Duplicates: 1 });
  });

  it('is dropped even if the consumer has deleted the bundle and the bundle record was lost', async () => {
    const h = harness({
      table: (table) => ({
        ...table,
        put: (item, condition) =>
          item.id.startsWith('bundle#') ? Promise.reject(lost) : table.put(item, condition),
      }),
    });
    const record = h.land('a.txt', 'content');
    await h.handle([h.notify(record)]);
    for (const key of h.bundles()) h.memory.addDeleteMarker('distribution', key);
    h.clock.advance(3_600_000);
    await h.handle([h.notify(record)]);
    expect(h.bundles()).toHaveLength(1);
    expect(h.counts).toMatchObject({ Bundled: 1, Duplicates: 1 });
  });

  it('returns to the queue while another invocation bundles it', async () => {
    const h = harness();
    const record = h.land('a.txt', 'content');
    const message = h.notify(record);
    // The other invocation is killed during its PUT of the bundle.
    let landLate: () => Promise<void> = async () => undefined;
    const { ledger, store, ...dependencies } = h.dependencies();
    const candidates = candidatesOf(recordsOf(message, dependencies.admission));
    const [planned] = planBundles(candidates, dependencies.planLimits);
    if (!planned) throw new Error('nothing is planned');
    const slow = {
      ...store,
      put: async (object: Parameters<typeof store.put>[0]) => {
        if (object.bucket !== 'distribution') return store.put(object);
        const sent = await buffer(object.open() as Readable);
        landLate = () => store.put({ ...object, open: () => sent });
        throw lost;
      },
    };
    const budget = timeBudget(h.clock.now(), h.clock.now() + 60_000);
    await deliver(planned, budget, { ...dependencies, ledger, store: slow });

    await expect(h.handle([message])).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: message.messageId }],
    });
    await landLate();
    await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
    expect(await h.delivered()).toEqual([['a.txt', 'content']]);
  });

  it('is a different file if the key was overwritten', async () => {
    const h = harness();
    const first = h.land('a.txt', 'first');
    const second = h.land('a.txt', 'second');
    await h.handle([h.notify(second), h.notify(first)]);
    expect((await h.delivered()).map(([, content]) => content).sort()).toEqual(['first', 'second']);
  });
});

describe('a notification that can never succeed', () => {
  it.each<[string, string, (h: ReturnType<typeof harness>) => string]>([
    ['no JSON', 'malformed-notification', () => 'not json'],
    ['no S3 event', 'malformed-notification', () => '{"hello":"world"}'],
    [
      'an unknown bucket',
      'unknown-bucket',
      (h) => JSON.stringify({ Records: [h.land('a', '')] }).replaceAll('"landing"', '"elsewhere"'),
    ],
    ['a traversal key', 'unsafe-key', (h) => JSON.stringify({ Records: [h.land('a/../../etc/passwd', '')] })],
    [
      'a deleted object',
      'gone',
      (h) => {
        const record = h.land('deleted', 'x');
        h.memory.remove('landing', 'deleted', record.s3.object.versionId);
        return JSON.stringify({ Records: [record] });
      },
    ],
    [
      'an object that is too large',
      'too-large',
      (h) => JSON.stringify({ Records: [h.land('huge', Buffer.alloc(2_000_001))] }),
    ],
    [
      'an object that is larger than its notification says, and too large',
      'too-large',
      (h) => {
        const record = h.land('huge', Buffer.alloc(2_000_001));
        return JSON.stringify({
          Records: [{ ...record, s3: { ...record.s3, object: { ...record.s3.object, size: 5 } } }],
        });
      },
    ],
    [
      'a notification without a version, although landing keeps versions',
      'version-missing',
      (h) => {
        const record = h.land('a', 'content');
        const { versionId: _, ...object } = record.s3.object;
        return JSON.stringify({ Records: [{ ...record, s3: { ...record.s3, object } }] });
      },
    ],
    [
      'a version that was overwritten where versions are not kept',
      'superseded',
      (h) => {
        const { versionId: _, ...object } = h.land('a', 'first').s3.object;
        h.land('a', 'second');
        const record = h.land('b', '');
        return JSON.stringify({ Records: [{ ...record, s3: { ...record.s3, object } }] });
      },
    ],
  ])(
    'goes to the dead-letter queue at once, with its reason and the original record: %s',
    async (_, reason, bodyOf) => {
      const h = harness({ landingIsVersioned: reason !== 'superseded' });
      const poison = h.message(bodyOf(h));
      const good = h.notify(h.land('good.txt', 'good'));
      await expect(h.handle([poison, good])).resolves.toEqual({ batchItemFailures: [] });
      expect(h.deadLetters).toHaveLength(1);
      expect(h.deadLetters[0]?.attributes).toMatchObject({ reason, messageId: poison.messageId });
      expect(h.deadLetters[0]?.body).toBe(poison.body);
      expect(await h.delivered()).toEqual([['good.txt', 'good']]);
      expect(h.counts).toMatchObject({ Quarantined: 1, Bundled: 1 });
    },
  );

  it.each([
    ['packed', 5],
    ['streamed', 250_000],
    ['copied', 400_000],
  ])('does not keep the connection to an object that is too large: %s', async (_how, announced) => {
    let closed = 0;
    const h = harness({
      copyAboveBytes: 300_000,
      store: (store) => ({
        ...store,
        get: async (request) => {
          const received = await store.get(request);
          return { ...received, body: Object.assign(received.body, { destroy: () => void closed++ }) };
        },
      }),
    });
    const record = h.land('huge', Buffer.alloc(2_000_001));
    record.s3.object.size = announced;
    await expect(h.handle([h.notify(record)])).resolves.toEqual({ batchItemFailures: [] });
    expect(h.deadLetters).toMatchObject([{ attributes: { reason: 'too-large' } }]);
    expect(closed).toBe(1);
  });

  it('does not affect other records of its message', async () => {
    const h = harness();
    await h.handle([
      h.notify(h.land('a/../b', ''), h.land('good.txt', 'good'), { eventName: 'ObjectCreated:Put' }),
    ]);
    expect(await h.delivered()).toEqual([['good.txt', 'good']]);
    expect(h.deadLetters.map(({ attributes }) => attributes['reason'])).toEqual([
      'unsafe-key',
      'malformed-notification',
    ]);
  });

  it('delivers one version once, even if forged notifications contain other sequencers', async () => {
    const h = harness();
    const record = h.land('a', 'content');
    const { versionId: _, ...object } = record.s3.object;
    const forged = ['0055AED6DCD90281E5', '0055AED6DCD90281E6'].map((sequencer) =>
      h.notify({ ...record, s3: { ...record.s3, object: { ...object, sequencer } } }),
    );
    await h.handle([h.notify(record), ...forged]);
    expect(await h.delivered()).toEqual([['a', 'content']]);
    expect(h.deadLetters.map(({ attributes }) => attributes['reason'])).toEqual([
      'version-missing',
      'version-missing',
    ]);
  });

  it('sends one dead letter even if the batch fails first and is received again', async () => {
    let isDown = true;
    const h = harness({
      store: (store) => ({
        ...store,
        put: (o) =>
          isDown && o.key.startsWith('bundles/')
            ? Promise.reject(refused('NoSuchBucket', 404))
            : store.put(o),
      }),
    });
    const batch = [h.message('not json'), h.notify(h.land('a', 'x'))];
    for (let receive = 0; receive < 3; receive++) {
      await expect(h.handle(batch)).rejects.toThrow(SystemFault);
      h.clock.advance(100_000);
    }
    expect(h.deadLetters).toEqual([]);
    isDown = false;
    await expect(h.handle(batch)).resolves.toEqual({ batchItemFailures: [] });
    expect(h.deadLetters).toHaveLength(1);
    expect(await h.delivered()).toEqual([['a', 'x']]);
  });

  it('sends one dead letter even if another record makes the message return', async () => {
    let isLost = true;
    const h = harness({
      store: (store) => ({
        ...store,
        get: (request) => (isLost && request.key === 'slow' ? Promise.reject(lost) : store.get(request)),
      }),
    });
    const message = h.notify(h.land('a/../b', 'x'), h.land('slow', 'y'));
    await expect(h.handle([message])).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: message.messageId }],
    });
    isLost = false;
    await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
    expect(h.deadLetters).toHaveLength(1);
    expect(await h.delivered()).toEqual([['slow', 'y']]);
  });

  it('releases its claim, so that it can be redriven once the cause is fixed', async () => {
    const h = harness();
    const record = h.land('a', 'content');
    h.memory.remove('landing', 'a', record.s3.object.versionId);
    await h.handle([h.notify(record)]);
    expect([...h.items.items.keys()].filter((id) => id.startsWith('claim#'))).toEqual([]);
  });

  it('is marked in the ledger, so that the reconciler does not requeue it', async () => {
    const h = harness();
    const record = h.land('a/../b', 'content');
    await h.handle([h.notify(record), h.message('not json')]);
    const version = { kind: 'id' as const, versionId: record.s3.object.versionId };
    const id = objectIdOf({ bucket: 'landing', key: 'a/../b', version });
    expect(h.deadLetters).toHaveLength(2);
    expect([...h.items.items.values()]).toEqual([
      expect.objectContaining({ id: quarantineId(id), reason: 'unsafe-key' }),
    ]);
  });

  it('returns to the queue if the dead-letter queue does not accept it', async () => {
    const h = harness();
    const dependencies = {
      ...h.dependencies(),
      deadLetters: { send: async (m: readonly unknown[]) => m.map(() => false) },
    };
    const poison = h.message('not json');
    await expect(handleMessages([poison], h.clock.now() + 60_000, dependencies)).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: poison.messageId }],
    });
  });
});

describe('a temporary failure', () => {
  const flaky = (fails: (key: string) => Error | undefined) =>
    harness({
      store: (store) => ({
        ...store,
        get: async (request) => {
          const error = fails(request.key);
          if (error) throw error;
          return store.get(request);
        },
      }),
    });

  it('returns only the message whose object S3 does not return', async () => {
    const h = flaky((key) => (key === 'bad' ? lost : undefined));
    const bad = h.notify(h.land('bad', 'x'));
    await expect(h.handle([bad, h.notify(h.land('good', 'y'))])).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: bad.messageId }],
    });
    expect(await h.delivered()).toEqual([['good', 'y']]);
    expect(h.deadLetters).toEqual([]);
  });

  describe.each([
    ['small', 100, 3],
    ['large', 250_000, 1],
  ])('a %s object that arrives corrupted', (_, size, readsPerReceive) => {
    const setUp = (corrupted: (read: number) => boolean) => {
      let reads = 0;
      const h = harness({
        store: (store) => ({
          ...store,
          get: async (request) => {
            const received = await store.get(request);
            if (request.key !== 'bad' || !corrupted(++reads)) return received;
            return { ...received, body: withBitFlipped(received.body) };
          },
        }),
      });
      const bad = h.notify(h.land('bad', Buffer.alloc(size, 'b')));
      // An earlier outage has cost the message receives. They do not count as failures of the object.
      const receive = (receives: number) =>
        h.handle([
          { ...bad, attributes: { ApproximateReceiveCount: String(10 + receives) } },
          h.notify(h.land('good', 'y')),
        ]);
      return { h, bad, receive, reads: () => reads };
    };

    it('returns to the queue, and is bundled once it arrives intact', async () => {
      const { h, bad, receive } = setUp((read) => read <= readsPerReceive);
      await expect(receive(1)).resolves.toEqual({ batchItemFailures: [{ itemIdentifier: bad.messageId }] });
      await expect(receive(2)).resolves.toEqual({ batchItemFailures: [] });
      expect((await h.delivered()).map(([name]) => name)).toEqual(['bad', 'good', 'good']);
      expect(h.deadLetters).toEqual([]);
    });

    it('is refused at the third failure, each after all its attempts', async () => {
      const { h, bad, receive, reads } = setUp(() => true);
      const returns = { batchItemFailures: [{ itemIdentifier: bad.messageId }] };
      await expect(receive(1)).resolves.toEqual(returns);
      await expect(receive(2)).resolves.toEqual(returns);
      await expect(receive(3)).resolves.toEqual({ batchItemFailures: [] });
      expect(reads()).toBe(3 * readsPerReceive);
      expect(h.deadLetters).toMatchObject([{ attributes: { reason: 'corrupted' } }]);
      expect((await h.delivered()).map(([name]) => name)).toEqual(['good', 'good', 'good']);
    });
  });

  it('an object larger than its notification says is planned again, and bundled completely', async () => {
    const h = harness();
    const record = h.land('grown', Buffer.alloc(250_000, 'g'));
    const small = { ...record, s3: { ...record.s3, object: { ...record.s3.object, size: 10 } } };
    await h.handle([h.notify(small), h.notify(h.land('other', 'o'))]);
    expect((await h.delivered()).map(([name, content]) => [name, content.length])).toEqual([
      ['grown', 250_000],
      ['other', 1],
    ]);
  });

  it('requeues what it has no time to start, so that no receive is spent', async () => {
    const h = harness({
      readMs: 20_000,
    });
    const messages = Array.from({ length: 6 }, (_, i) => h.notify(h.land(`${i}`, Buffer.alloc(250_000))));
    await expect(h.handle(messages)).resolves.toEqual({ batchItemFailures: [] });
    expect(h.bundles().length).toBeGreaterThan(0);
    expect(h.bundles().length + h.requeued.length).toBe(6);
    expect(h.requeued.every(({ body }) => JSON.parse(body).Records.length === 1)).toBe(true);
  });

  it('does not run out of receives in a backlog: ten large files in a batch, two per invocation', async () => {
    const h = harness({
      readMs: 18_000,
    });
    let queue = Array.from({ length: 10 }, (_, i) => h.notify(h.land(`${i}`, Buffer.alloc(300_000))));
    const receives = new Map<string, number>();
    for (let invocation = 0; queue.length > 0; invocation++) {
      expect(invocation).toBeLessThan(10);
      for (const { messageId } of queue) receives.set(messageId, (receives.get(messageId) ?? 0) + 1);
      const { batchItemFailures } = await h.handle(queue);
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      queue = [
        ...queue.filter(({ messageId }) => failed.has(messageId)),
        ...h.requeued.splice(0).map(({ body }) => h.message(body)),
      ];
    }
    expect(await h.delivered()).toHaveLength(10);
    expect(h.deadLetters).toEqual([]);
    expect(Math.max(...receives.values())).toBe(1);
  });

  it('spends a receive if a bundle was built and no time was left to publish it', async () => {
    const h = harness({
      store: (store) => ({
        ...store,
        put: async (object) => {
          if (object.bucket === 'archive') h.clock.advance(55_000);
          return store.put(object);
        },
      }),
    });
    const message = h.notify(h.land('a', 'x'));
    await expect(h.handle([message])).resolves.toEqual({
      batchItemFailures: [{ itemIdentifier: message.messageId }],
    });
    expect(h.requeued).toEqual([]);
    expect(h.bundles()).toEqual([]);
    expect(h.items.items.size).toBe(0);
  });

  it('does not wait for a stalled read at the deadline, or once the bundle is abandoned', async () => {
    const hanging = (signal: AbortSignal | undefined) =>
      new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(lost)));
    const h = harness({
      store: (store) => ({
        ...store,
        get: async (request, signal) => {
          if (request.key === 'hangs') setTimeout(() => h.clock.advance(50_000), 20);
          if (request.key.startsWith('hangs')) return hanging(signal);
          if (request.key === 'broken') throw refused('NoSuchBucket', 404);
          return store.get(request);
        },
      }),
    });
    const batch = ['a', 'hangs', 'last'].map((key) => h.notify(h.land(key, key)));
    await expect(h.handle(batch)).resolves.toMatchObject({
      batchItemFailures: [{ itemIdentifier: 'message-2' }],
    });
    expect(await h.delivered()).toEqual([['a', 'a']]);
    expect(h.requeued).toHaveLength(1);
    await expect(h.handle(['broken', 'hangs too'].map((key) => h.notify(h.land(key, key))))).rejects.toThrow(
      SystemFault,
    );
  });

  it('closes the bundle with the members it has when time runs out, and requeues the rest', async () => {
    const h = harness({
      readMs: 1_000,
    });
    const messages = Array.from({ length: 100 }, (_, i) => h.notify(h.land(`${i}`, `content ${i}`)));
    await expect(h.handle(messages)).resolves.toEqual({ batchItemFailures: [] });
    const bundled = (await h.delivered()).length;
    expect(bundled).toBeGreaterThan(0);
    expect(bundled + h.requeued.length).toBe(100);
  });
});

describe('a fault that affects everything', () => {
  const always = (error: Error) => () => Promise.reject(error);

  it.each<[string, Parameters<typeof harness>[0]]>([
    ['the table does not answer', { table: (table) => ({ ...table, put: always(lost) }) }],
    [
      'the table is missing',
      { table: (table) => ({ ...table, put: always(refused('ResourceNotFoundException', 400)) }) },
    ],
    [
      'the distribution bucket is missing',
      {
        store: (store) => ({
          ...store,
          put: (o) => (o.key.startsWith('bundles/') ? always(refused('NoSuchBucket', 404))() : store.put(o)),
        }),
      },
    ],
    [
      'the archive bucket is missing',
      { store: (store) => ({ ...store, put: always(refused('NoSuchBucket', 404)) }) },
    ],
    [
      'the landing bucket is missing',
      { store: (store) => ({ ...store, get: always(refused('NoSuchBucket', 404)) }) },
    ],
  ])('acknowledges nothing: %s', async (_, wrap) => {
    const h = harness(wrap);
    await expect(h.handle([h.notify(h.land('a', 'x'))])).rejects.toThrow(SystemFault);
    expect(h.bundles()).toEqual([]);
  });

  it('acknowledges nothing if it appears in the middle of a body', async () => {
    const h = harness({
      store: (store) => ({
        ...store,
        get: async (request) => {
          if (request.from) throw refused('NoSuchBucket', 404);
          async function* broken() {
            yield Buffer.from('the start');
            throw lost;
          }
          const body = Object.assign(broken(), { destroy: () => undefined });
          return { ...(await store.get(request)), body };
        },
      }),
    });
    const large = h.notify(h.land('large', Buffer.alloc(250_000)));
    await expect(h.handle([large])).rejects.toThrow(SystemFault);
  });

  it.each(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'ExpiredToken'])(
    'quarantines no file for wrong credentials, and delivers all once they are right: %s',
    async (code) => {
      let isWrong = true;
      const h = harness({
        store: (store) => ({
          ...store,
          get: (request) => (isWrong ? Promise.reject(refused(code, 403)) : store.get(request)),
        }),
      });
      const batch = Array.from({ length: 500 }, (_, i) => h.notify(h.land(`${i}.txt`, `content ${i}`)));
      await expect(h.handle(batch)).rejects.toThrow(SystemFault);
      expect(h.deadLetters).toEqual([]);
      isWrong = false;
      h.clock.advance(100_000);
      await expect(h.handle(batch)).resolves.toEqual({ batchItemFailures: [] });
      expect(await h.delivered()).toHaveLength(500);
    },
  );

  it('loses nothing once the system recovers', async () => {
    let isDown = true;
    const h = harness({
      store: (store) => ({
        ...store,
        put: (o) =>
          isDown && o.key.startsWith('bundles/') ? always(refused('NoSuchBucket', 404))() : store.put(o),
      }),
    });
    const message = h.notify(h.land('a', 'x'));
    await expect(h.handle([message])).rejects.toThrow(SystemFault);
    isDown = false;
    h.clock.advance(100_000);
    await expect(h.handle([message])).resolves.toEqual({ batchItemFailures: [] });
    expect(await h.delivered()).toEqual([['a', 'x']]);
  });
});

describe('a direct invocation', () => {
  it('returns the bundles', async () => {
    const h = harness();
    const event = { Records: [h.land('a', 'x'), h.land('b', 'y')] };
    const result = await h.invoke(event);
    expect(result).toEqual({ bundles: h.bundles(), bundled: 2, duplicates: 0 });
    await expect(h.invoke(event)).resolves.toEqual({ bundles: [], bundled: 0, duplicates: 2 });
  });

  it('fails if an object does not end in a bundle, and says which and why', async () => {
    const h = harness();
    const event = { Records: [h.land('a/../b', 'x'), h.land('good', 'y')] };
    await expect(h.invoke(event)).rejects.toThrow(DirectInvocationError);
    await expect(h.invoke(event)).rejects.toThrow(/^1 of 2 failed: unsafe-key: /);
    expect(h.deadLetters).toEqual([]);
    expect(await h.delivered()).toEqual([['good', 'y']]);
  });

  it.each<[string, string, Parameters<typeof harness>[0], number]>([
    [
      'gone',
      'gone: ',
      { store: (store) => ({ ...store, get: () => Promise.reject(refused('NoSuchVersion', 404)) }) },
      60_000,
    ],
    [
      'not readable now',
      'unavailable: ',
      { store: (store) => ({ ...store, get: () => Promise.reject(lost) }) },
      60_000,
    ],
    ['not started', 'it was not started in time', {}, 0],
  ])('fails if an object is %s', async (_, why, wrap, ms) => {
    const h = harness(wrap);
    const event = { Records: [h.land('a', 'x')] };
    await expect(handleEvent(event, h.clock.now() + ms, h.dependencies())).rejects.toThrow(
      `1 of 1 failed: ${why}`,
    );
  });

  it('refuses anything but an S3 event', async () => {
    await expect(harness().invoke({ hello: 'world' })).rejects.toThrow(/malformed-notification/);
  });
});
