import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { CallError } from '@data-aggregator/shared-processing/errors';
import { parseReceipt } from '@data-aggregator/shared-processing/receipt';
import { systemClock } from '@data-aggregator/shared-processing/retry';
import { DamagedInTransit } from '../extract/damaged-bundle.ts';
import { machineDisk } from '../inbox/disk.ts';
import { inboxAt } from '../inbox/inbox.ts';
import { bundleId } from '../inbox/bundle-id.ts';
import { bundleOf, described, keyOf, NINE, tarOf, type TestFile } from '../testing/bundles.ts';
import { inFolder, visibleFiles } from '../testing/folder.ts';
import { type Hook, memoryBuckets } from '../testing/memory-buckets.ts';
import { type BundleWork, consumeBundle, finishBundle } from './consume-bundle.ts';

const KEY = keyOf(1);
const ID = bundleId(KEY);
const FILES: TestFile[] = [
  { name: 'a/b.txt', content: 'b' },
  { name: 'c.txt', content: 'c' },
];
const IN_FOLDER = { [`${ID}/a/b.txt`]: 'b', [`${ID}/c.txt`]: 'c' };

/** A consumer of an inbox and the buckets. `attempts: 1` makes every failure visible. */
async function consumerOf(
  folder: string,
  { distribution, archive }: Pick<ReturnType<typeof memoryBuckets>, 'distribution' | 'archive'>,
  changes: Partial<BundleWork> = {},
): Promise<BundleWork> {
  const inbox = inboxAt(folder);
  return {
    ...{ inbox, consumer: await inbox.open(), layout: 'bundle', distribution, archive },
    rules: { clock: systemClock, random: () => 0, attempts: 1 },
    signal: new AbortController().signal,
    ...{ isReplay: false, reserveBytes: 0, hook: undefined, onBytes: () => undefined },
    ...changes,
  };
}

it('puts the files on disk, stores the receipt here and in the archive, and deletes the bundle', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    buckets.publish(await bundleOf(KEY, FILES));
    const work = await consumerOf(folder, buckets);
    await expect(consumeBundle(KEY, work)).resolves.toMatchObject({ kind: 'delivered' });
    expect(visibleFiles(folder)).toEqual(IN_FOLDER);
    expect(buckets.bundles.size).toBe(0);
    expect(parseReceipt(buckets.receipts.get(KEY) ?? '', 'archive')).toMatchObject({
      members: 2,
      consumer: work.consumer,
    });
    await expect(work.inbox.receipt(KEY)).resolves.toMatchObject({
      files: [{ path: `${ID}/a/b.txt`, key: 'a/b.txt', versionId: 'v1' }, { path: `${ID}/c.txt` }],
    });
    expect(readdirSync(join(folder, '.consumer/work'))).toEqual([]);
    expect(buckets.calls).toEqual(['manifest', 'get', 'putReceipt', 'remove']);
  }));

it('only deletes a bundle that has a receipt', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    const bundle = await bundleOf(KEY, FILES);
    buckets.publish(bundle);
    const work = await consumerOf(folder, buckets);
    await consumeBundle(KEY, work);
    rmSync(join(folder, ID), { recursive: true });
    buckets.publish(bundle);
    await expect(consumeBundle(KEY, work)).resolves.toEqual({ kind: 'known' });
    expect(visibleFiles(folder)).toEqual({});
    expect(buckets.bundles.size).toBe(0);
  }));

it('delivers nothing again if the receipt here was lost, because the archive has it', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    const bundle = await bundleOf(KEY, FILES);
    buckets.publish(bundle);
    const work = await consumerOf(folder, buckets);
    await consumeBundle(KEY, work);
    rmSync(join(folder, '.consumer/receipts'), { recursive: true });
    buckets.publish(bundle);
    await expect(consumeBundle(KEY, work)).resolves.toEqual({ kind: 'known' });
    expect(visibleFiles(folder)).toEqual(IN_FOLDER);
  }));

describe('when a call fails, before or after its effect', () => {
  const calls = ['manifest', 'get', 'putReceipt', 'remove'] as const;
  const cases = calls.flatMap((name) => (['before', 'after'] as const).map((when) => [name, when] as const));

  it.each(cases)('%s, %s: the next attempt finishes', (name, when) =>
    inFolder(async (folder) => {
      let armed = true;
      const hook: Hook = (call, moment) => {
        if (!armed || call.name !== name || moment !== when) return;
        armed = false;
        throw Object.assign(new Error('lost'), { code: 'ECONNRESET' });
      };
      const buckets = memoryBuckets(hook);
      buckets.publish(await bundleOf(KEY, FILES));
      const work = await consumerOf(folder, buckets);
      await expect(consumeBundle(KEY, work)).rejects.toThrow('lost');
      // As after a restart: nothing but the disk and the buckets.
      const next = await consumerOf(folder, buckets);
      for (const plan of await next.inbox.interrupted(Date.now())) await finishBundle(plan, next);
      await consumeBundle(KEY, next);
      expect(visibleFiles(folder)).toEqual(IN_FOLDER);
      expect(buckets.bundles.size).toBe(0);
      expect(readdirSync(join(folder, '.consumer/work'))).toEqual([]);
    }),
  );
});

it('finishes from the plan, although the process died after the rename and the bundle is gone', () =>
  inFolder(async (folder) => {
    const dying = memoryBuckets(({ name }, when) => {
      if (name === 'putReceipt' && when === 'after') throw new Error('killed');
    });
    dying.publish(await bundleOf(KEY, FILES));
    const work = await consumerOf(folder, dying);
    await expect(consumeBundle(KEY, work)).rejects.toThrow('killed');
    expect(visibleFiles(folder)).toEqual({});
    const [plan] = await work.inbox.interrupted(Date.now());
    if (!plan) throw new Error('there is no plan');
    // The rename, as if the process had died just after it.
    renameSync(join(work.inbox.paths.work(KEY), 'files'), join(folder, ID));
    const buckets = memoryBuckets();
    buckets.receipts.set(KEY, dying.receipts.get(KEY) ?? '');
    const next = await consumerOf(folder, buckets);
    await expect(finishBundle(plan, next)).resolves.toMatchObject({ kind: 'delivered' });
    expect(visibleFiles(folder)).toEqual(IN_FOLDER);
  }));

describe('the name of the plan', () => {
  /** An inbox on a disk that calls `onSync` instead of syncing the folder of the bundle's work. */
  const inboxWatching = (folder: string, onSync: () => void) => {
    const watched = inboxAt(folder).paths.work(KEY);
    return inboxAt(folder, {
      ...machineDisk,
      async open(path, flags) {
        const file = await machineDisk.open(path, flags);
        if (path === watched) Object.assign(file, { sync: async () => onSync() });
        return file;
      },
    });
  };

  it('may not reach the disk at first: the files that the plan is about stay', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets();
      buckets.publish(await bundleOf(KEY, FILES));
      let isFailing = true;
      const inbox = inboxWatching(folder, () => {
        if (isFailing && existsSync(join(inbox.paths.work(KEY), 'plan.json')))
          throw Object.assign(new Error('i/o error'), { code: 'EIO' });
      });
      const work = await consumerOf(folder, buckets, { inbox });
      await expect(consumeBundle(KEY, work)).rejects.toThrow('i/o error');
      isFailing = false;
      await expect(consumeBundle(KEY, work)).resolves.toMatchObject({ kind: 'delivered' });
      expect(visibleFiles(folder)).toEqual(IN_FOLDER);
    }));

  it.each(['resumes', 'is told of it again'])('is on disk before the commit of a consumer that %s', (how) =>
    inFolder(async (folder) => {
      const events: string[] = [];
      const buckets = memoryBuckets(({ name }, when) => {
        if (name !== 'putReceipt' || when !== 'before') return;
        events.push('commit');
        if (events.length === 1) throw new Error('killed');
      });
      buckets.publish(await bundleOf(KEY, FILES));
      await expect(consumeBundle(KEY, await consumerOf(folder, buckets))).rejects.toThrow('killed');
      const inbox = inboxWatching(folder, () => events.push('sync'));
      const next = await consumerOf(folder, buckets, { inbox });
      if (how === 'resumes')
        for (const plan of await inbox.interrupted(Date.now())) await finishBundle(plan, next);
      else await consumeBundle(KEY, next);
      expect(events).toEqual(['commit', 'sync', 'commit']);
      expect(visibleFiles(folder)).toEqual(IN_FOLDER);
    }),
  );
});

describe('two consumers', () => {
  it('never both deliver a bundle that both have downloaded', () =>
    inFolder(async (one) =>
      inFolder(async (other) => {
        const buckets = memoryBuckets();
        for (let number = 1; number <= 8; number++) {
          buckets.bundles.clear();
          const key = keyOf(number);
          buckets.publish(await bundleOf(key, FILES));
          const outcomes = await Promise.all(
            [one, other].map(async (folder) => consumeBundle(key, await consumerOf(folder, buckets))),
          );
          const kinds = outcomes.map(({ kind }) => kind).sort();
          expect([
            ['delivered', 'taken'],
            ['delivered', 'gone'],
          ]).toContainEqual(kinds);
        }
        const all = [...Object.keys(visibleFiles(one)), ...Object.keys(visibleFiles(other))];
        expect(all).toHaveLength(16);
        expect(new Set(all).size).toBe(16);
      }),
    ));

  it('leave a bundle in the bucket that the other one has committed', () =>
    inFolder(async (one) =>
      inFolder(async (other) => {
        const buckets = memoryBuckets();
        buckets.publish(await bundleOf(KEY, FILES));
        const first = await consumerOf(one, {
          ...buckets,
          distribution: { ...buckets.distribution, remove: () => Promise.reject(new Error('killed')) },
        });
        await expect(consumeBundle(KEY, first)).rejects.toThrow('killed');
        const second = await consumerOf(other, buckets);
        await expect(consumeBundle(KEY, second)).resolves.toEqual({ kind: 'taken', by: first.consumer });
        await expect(consumeBundle(KEY, second, true)).resolves.toEqual({
          kind: 'taken',
          by: first.consumer,
        });
        expect(visibleFiles(other)).toEqual({});
        expect(buckets.bundles.has(KEY)).toBe(true);
      }),
    ));
});

describe('a damaged bundle', () => {
  it('is set aside with its reason after two equal downloads, and left in the bucket', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets();
      buckets.publish(described(KEY, Buffer.from('no gzip'), FILES));
      const work = await consumerOf(folder, buckets);
      await expect(consumeBundle(KEY, work)).resolves.toMatchObject({
        kind: 'set-aside',
        reason: 'not-a-bundle',
      });
      expect(buckets.calls.filter((name) => name === 'get')).toHaveLength(2);
      expect(buckets.bundles.has(KEY)).toBe(true);
      await expect(work.inbox.quarantine()).resolves.toMatchObject([{ key: KEY, reason: 'not-a-bundle' }]);
      buckets.calls.length = 0;
      await expect(consumeBundle(KEY, work)).resolves.toMatchObject({ kind: 'set-aside' });
      expect(buckets.calls).toEqual([]);
    }));

  it('is delivered by a replay once it is whole', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets();
      buckets.publish(described(KEY, Buffer.from('no gzip'), FILES));
      const work = await consumerOf(folder, buckets);
      await consumeBundle(KEY, work);
      buckets.publish(await bundleOf(KEY, FILES));
      await work.inbox.forget(KEY);
      await expect(consumeBundle(KEY, { ...work, isReplay: true })).resolves.toMatchObject({
        kind: 'delivered',
      });
      expect(visibleFiles(folder)).toEqual(IN_FOLDER);
    }));

  it('that was only damaged on its way is delivered', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets();
      const whole = await bundleOf(KEY, FILES);
      buckets.publish(whole);
      const broken = described(KEY, Buffer.alloc(whole.body.length), FILES).body;
      let first = true;
      const get: typeof buckets.distribution.get = (key, range, signal) => {
        buckets.bundles.set(key, first ? broken : whole.body);
        first = false;
        return buckets.distribution.get(key, range, signal);
      };
      const work = await consumerOf(folder, { ...buckets, distribution: { ...buckets.distribution, get } });
      await expect(consumeBundle(KEY, work)).resolves.toMatchObject({ kind: 'delivered' });
    }));

  it('is not set aside if two downloads differ from each other, and is downloaded anew by the next attempt', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets();
      const whole = await bundleOf(KEY, FILES);
      buckets.publish(whole);
      let downloads = 0;
      const get: typeof buckets.distribution.get = (key, range, signal) => {
        const body = Buffer.from(whole.body);
        if (++downloads <= 2) body[downloads * 9] = (body[downloads * 9] ?? 0) ^ 1;
        buckets.bundles.set(key, body);
        return buckets.distribution.get(key, range, signal);
      };
      const work = await consumerOf(folder, { ...buckets, distribution: { ...buckets.distribution, get } });
      await expect(consumeBundle(KEY, work)).rejects.toThrow(DamagedInTransit);
      expect(work.inbox.isSetAside(KEY)).toBe(false);
      expect(readdirSync(join(folder, '.consumer/work'))).toEqual([]);
      await expect(consumeBundle(KEY, work)).resolves.toMatchObject({ kind: 'delivered' });
      expect(visibleFiles(folder)).toEqual(IN_FOLDER);
      expect(downloads).toBe(3);
    }));

  it('without a manifest is set aside', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets();
      buckets.publish(await bundleOf(KEY, FILES));
      buckets.manifests.clear();
      const outcome = await consumeBundle(KEY, await consumerOf(folder, buckets));
      expect(outcome).toMatchObject({ kind: 'set-aside', reason: 'manifest-missing' });
    }));
});

it('a replay of a bundle is delivered next to it, under the manifest of the bundle', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    const bundle = await bundleOf(KEY, FILES);
    buckets.publish(bundle);
    const work = await consumerOf(folder, buckets);
    await consumeBundle(KEY, work);
    const key = `replays/r1/${KEY}`;
    buckets.bundles.set(key, bundle.body);
    await expect(consumeBundle(key, work)).resolves.toMatchObject({ kind: 'delivered' });
    expect(Object.values(visibleFiles(folder)).sort()).toEqual(['b', 'b', 'c', 'c']);
    await expect(consumeBundle(key, work)).resolves.toEqual({ kind: 'known' });
  }));

it('a bundle that was deleted in the meantime is gone, and leaves nothing behind', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    buckets.publish(await bundleOf(KEY, FILES));
    buckets.bundles.clear();
    await expect(consumeBundle(KEY, await consumerOf(folder, buckets))).resolves.toEqual({ kind: 'gone' });
    expect(readdirSync(join(folder, '.consumer/work'))).toEqual([]);
  }));

describe('the space on the disk', () => {
  it.each([
    ['suffices if it is what bundle, files and reserve need', 0, 'delivered'],
    ['does not suffice if a byte less is free: the bundle is not even downloaded', -1, 'TooLittleSpace'],
  ])('%s', (_what, difference, expected) =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets();
      const bundle = await bundleOf(KEY, FILES);
      buckets.publish(bundle);
      const bavail = bundle.body.length + 'bc'.length + 1_000 + difference;
      const inbox = inboxAt(folder, { ...machineDisk, statfs: async () => ({ bavail, bsize: 1 }) });
      const work = await consumerOf(folder, buckets, { inbox, reserveBytes: 1_000 });
      const result = await consumeBundle(KEY, work).then(
        ({ kind }) => kind,
        (error: Error) => error.name,
      );
      expect(result).toBe(expected);
      expect(buckets.calls.includes('get')).toBe(expected === 'delivered');
    }),
  );

  it('that is used up while files are written ends the attempt; the next one continues with the download', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets();
      buckets.publish(await bundleOf(KEY, FILES));
      let isFull = true;
      const inbox = inboxAt(folder, {
        ...machineDisk,
        writeSync(...args) {
          if (isFull) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
          return machineDisk.writeSync(...args);
        },
      });
      const work = await consumerOf(folder, buckets, { inbox });
      await expect(consumeBundle(KEY, work)).rejects.toThrow('no space');
      expect(readdirSync(inbox.paths.work(KEY)).sort()).toEqual(['bundle', 'object', 'ranges']);
      isFull = false;
      await expect(consumeBundle(KEY, work)).resolves.toMatchObject({ kind: 'delivered' });
      expect(buckets.calls.filter((name) => name === 'get')).toHaveLength(1);
      expect(visibleFiles(folder)).toEqual(IN_FOLDER);
    }));
});

it('files that an attempt left behind are not delivered', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    buckets.publish(await bundleOf(KEY, FILES));
    const work = await consumerOf(folder, buckets);
    const left = join(work.inbox.paths.work(KEY), 'files');
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'c.txt'), 'half of');
    writeFileSync(join(left, 'other'), 'not in the bundle');
    await expect(consumeBundle(KEY, work)).resolves.toMatchObject({ kind: 'delivered' });
    expect(visibleFiles(folder)).toEqual(IN_FOLDER);
  }));

describe('a bundle that another consumer has probably taken', () => {
  const deliveredBy = async (folder: string, consumer?: string) => {
    const buckets = memoryBuckets();
    const bundle = await bundleOf(KEY, FILES);
    buckets.publish(bundle);
    await consumeBundle(KEY, await consumerOf(folder, buckets, consumer === undefined ? {} : { consumer }));
    buckets.publish(bundle);
    buckets.calls.length = 0;
    return buckets;
  };

  it('is not downloaded if the archive has the receipt of that consumer', () =>
    inFolder(async (folder) => {
      const buckets = await inFolder((other) => deliveredBy(other, 'elsewhere/another-inbox'));
      const work = await consumerOf(folder, buckets);
      const taken = { kind: 'taken', by: 'elsewhere/another-inbox' };
      await expect(consumeBundle(KEY, work, true)).resolves.toEqual(taken);
      expect(buckets.calls).toEqual(['receipt']);
    }));

  it('is ours if this inbox has it, whatever its host was called then', () =>
    inFolder(async (folder) => {
      const { consumer } = await consumerOf(folder, memoryBuckets());
      const buckets = await deliveredBy(folder, `before-it-moved/${consumer.split('/')[1]}`);
      rmSync(join(folder, '.consumer/receipts'), { recursive: true });
      await expect(consumeBundle(KEY, await consumerOf(folder, buckets), true)).resolves.toEqual({
        kind: 'known',
      });
      expect(visibleFiles(folder)).toEqual(IN_FOLDER);
      expect(buckets.bundles.size).toBe(0);
    }));

  it.each(['AccessDenied', 'SlowDown'])('may have a receipt that cannot be read: %s', (code) =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets(({ name }) => {
        if (name === 'receipt') throw new CallError('GET', { outcome: 'refused', code, status: 403 });
      });
      buckets.publish(await bundleOf(KEY, FILES));
      const attempt = consumeBundle(KEY, await consumerOf(folder, buckets), true);
      // S3 answers so if a receipt is missing, to a role that may not list the archive.
      if (code === 'AccessDenied') await expect(attempt).resolves.toMatchObject({ kind: 'delivered' });
      else await expect(attempt).rejects.toThrow(code);
    }),
  );
});

it('a bundle whose receipt an operator removes at the moment of its commit is tried again', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets(({ name }, when) => {
      if (name === 'receipt' && when === 'before') buckets.receipts.clear();
    });
    buckets.publish(await bundleOf(KEY, FILES));
    buckets.receipts.set(KEY, 'of another consumer');
    const work = await consumerOf(folder, buckets);
    await expect(consumeBundle(KEY, work)).rejects.toMatchObject({ code: 'ReceiptRemoved' });
    await expect(consumeBundle(KEY, work)).resolves.toMatchObject({ kind: 'delivered' });
    expect(visibleFiles(folder)).toEqual(IN_FOLDER);
  }));

it('the receipt tells when the first and the last file landed, and the checksums of a bundle that was copied', () =>
  inFolder(async (folder) => {
    const tar = await tarOf(FILES);
    const key = keyOf(1, '.tar');
    const { manifest, ...bundle } = described(key, tar, FILES);
    const crc = await Promise.all(FILES.map(({ content }) => checksumOf('crc64nvme', Buffer.from(content))));
    const parsed = JSON.parse(manifest) as { bundle: object; members: object[] };
    const copied = JSON.stringify({
      ...parsed,
      bundle: { ...parsed.bundle, sha256: undefined, crc64nvme: await checksumOf('crc64nvme', tar) },
      members: parsed.members.map((member, index) => ({
        ...member,
        ...{ sha256: undefined, crc64nvme: crc[index] },
        landedAt: new Date([NINE - 1_000, NINE - 5_000][index] ?? 0).toISOString(),
      })),
    });
    const buckets = memoryBuckets();
    buckets.publish({ ...bundle, manifest: copied });
    await consumeBundle(key, await consumerOf(folder, buckets, { layout: 'tree' }));
    await expect(inboxAt(folder).receipt(key)).resolves.toMatchObject({
      ...{ layout: 'tree', folder: '', firstLandedAt: NINE - 5_000, lastLandedAt: NINE - 1_000 },
      bundle: { key, versionId: 'v1', size: tar.length, crc64nvme: await checksumOf('crc64nvme', tar) },
      files: crc.map((crc64nvme) => ({ crc64nvme })),
    });
  }));

it('the hook is expected until it succeeds', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    buckets.publish(await bundleOf(KEY, FILES));
    const hook = jest.fn(() => Promise.resolve());
    const work = await consumerOf(folder, buckets, { hook });
    await consumeBundle(KEY, work);
    expect(hook).toHaveBeenCalledTimes(1);
    await expect(work.inbox.pendingHooks()).resolves.toEqual([KEY]);
    await work.inbox.hookDone(KEY);
    await expect(work.inbox.pendingHooks()).resolves.toEqual([]);
  }));

it('no hook is expected if there is none', () =>
  inFolder(async (folder) => {
    const buckets = memoryBuckets();
    buckets.publish(await bundleOf(KEY, FILES));
    const work = await consumerOf(folder, buckets);
    await consumeBundle(KEY, work);
    await expect(work.inbox.pendingHooks()).resolves.toEqual([]);
  }));

it('a hook that succeeds while pending hooks are listed is not one of them', () =>
  inFolder(async (folder) => {
    const inbox = inboxAt(folder, {
      ...machineDisk,
      async readdir(path) {
        const names = await machineDisk.readdir(path);
        await inboxAt(folder).hookDone(KEY);
        return names;
      },
    });
    await inbox.open();
    for (const key of [KEY, keyOf(2)]) await inbox.expectHook(key);
    await expect(inbox.pendingHooks()).resolves.toEqual([keyOf(2)]);
  }));

describe('in a tree', () => {
  it('two versions of one key get two names, and the receipt says which is which', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets();
      const work = await consumerOf(folder, buckets, { layout: 'tree' });
      for (const number of [1, 2]) {
        const file = { name: 'a/report.csv', content: `version ${number}`, versionId: `v${number}` };
        buckets.publish(await bundleOf(keyOf(number), [file]));
      }
      await Promise.all([1, 2].map((number) => consumeBundle(keyOf(number), work)));
      expect(Object.values(visibleFiles(folder)).sort()).toEqual(['version 1', 'version 2']);
      for (const number of [1, 2]) {
        const [file] = (await work.inbox.receipt(keyOf(number)))?.files ?? [];
        expect(file?.path).toMatch(/^a\/report(-[0-9a-f]{12})?\.csv$/);
        expect(readFileSync(join(folder, file?.path ?? ''), 'utf8')).toBe(`version ${number}`);
      }
    }));

  it('a file that somebody put there stays', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets();
      buckets.publish(await bundleOf(KEY, FILES));
      mkdirSync(join(folder, 'a'));
      writeFileSync(join(folder, 'a/b.txt'), 'somebody’s');
      await consumeBundle(KEY, await consumerOf(folder, buckets, { layout: 'tree' }));
      expect(readFileSync(join(folder, 'a/b.txt'), 'utf8')).toBe('somebody’s');
      expect(Object.values(visibleFiles(folder)).sort()).toEqual(['b', 'c', 'somebody’s']);
    }));

  it('no file gets into the consumer’s own folder', () =>
    inFolder(async (folder) => {
      const buckets = memoryBuckets();
      buckets.publish(await bundleOf(KEY, [{ name: '.consumer/consumer.json', content: 'evil' }]));
      const work = await consumerOf(folder, buckets, { layout: 'tree' });
      await consumeBundle(KEY, work);
      expect(readFileSync(join(folder, '.consumer/consumer.json'), 'utf8')).not.toContain('evil');
      expect(Object.values(visibleFiles(folder))).toEqual(['evil']);
    }));

  it('a process that died between two files continues with the rest', () =>
    inFolder(async (folder) => {
      const dying = memoryBuckets(({ name }, when) => {
        if (name === 'putReceipt' && when === 'after') throw new Error('killed');
      });
      dying.publish(await bundleOf(KEY, FILES));
      const work = await consumerOf(folder, dying, { layout: 'tree' });
      await expect(consumeBundle(KEY, work)).rejects.toThrow('killed');
      // The first file was moved, and somebody has already taken it away.
      rmSync(join(work.inbox.paths.work(KEY), 'files/a/b.txt'));
      const buckets = memoryBuckets();
      buckets.receipts.set(KEY, dying.receipts.get(KEY) ?? '');
      const next = await consumerOf(folder, buckets);
      for (const plan of await next.inbox.interrupted(Date.now())) await finishBundle(plan, next);
      expect(visibleFiles(folder)).toEqual({ 'c.txt': 'c' });
      expect(existsSync(next.inbox.paths.receipt(KEY))).toBe(true);
    }));
});
