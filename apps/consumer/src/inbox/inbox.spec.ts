import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { keyOf } from '../testing/bundles.ts';
import { inFolder } from '../testing/folder.ts';
import { watchedDisk } from '../testing/watched-disk.ts';
import { bundleId } from './bundle-id.ts';
import { type Disk, machineDisk } from './disk.ts';
import { type Inbox, inboxAt } from './inbox.ts';
import type { LocalReceipt } from './local-receipt.ts';
import { withInbox } from '../testing/inbox.ts';

const KEY = keyOf(1);
const DAY = 86_400_000;

function planFor(key: string): LocalReceipt {
  return {
    bundle: { key, versionId: 'v1', size: 10, sha256: 'a'.repeat(64) },
    ...{ consumer: 'host/id', layout: 'bundle', folder: bundleId(key) },
    ...{ firstLandedAt: 1, lastLandedAt: 2, startedAt: 3, finishedAt: 4 },
    files: [{ name: 'a', path: `${bundleId(key)}/a`, size: 1, sha256: 'b'.repeat(64), key: 'a' }],
  };
}

/** A disk that lists names in another order. */
const reversed: Disk = {
  ...machineDisk,
  readdir: async (path) => (await machineDisk.readdir(path)).toReversed(),
};

async function planned(inbox: Inbox, key: string): Promise<LocalReceipt> {
  mkdirSync(inbox.paths.work(key), { recursive: true });
  const plan = planFor(key);
  await inbox.writePlan(plan);
  return plan;
}

async function delivered(inbox: Inbox, key: string): Promise<void> {
  await planned(inbox, key);
  await inbox.finish(key);
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

describe('an inbox', () => {
  it('has a name that survives a restart', () =>
    inFolder(async (folder) => {
      expect(inboxAt(folder).exists()).toBe(false);
      const name = await inboxAt(folder).open();
      expect(inboxAt(folder).exists()).toBe(true);
      expect(name).toMatch(new RegExp(`^${hostname()}/[0-9a-f-]{36}$`));
      await expect(inboxAt(folder).open()).resolves.toBe(name);
      expect(readdirSync(join(folder, '.consumer')).sort()).toEqual([
        'consumer.json',
        'hooks',
        'quarantine',
        'receipts',
        'work',
      ]);
    }));

  it('whose name is damaged is not opened', () =>
    inFolder(async (folder) => {
      await inboxAt(folder).open();
      writeFileSync(join(folder, '.consumer/consumer.json'), '{"id":"x"}');
      await expect(inboxAt(folder).open()).rejects.toThrow('UUID');
    }));

  it('that cannot be written is not opened', () =>
    inFolder(async (folder) => {
      const { disk } = watchedDisk(folder);
      await inboxAt(folder).open();
      const readOnly = {
        ...disk,
        open: () => Promise.reject(Object.assign(new Error('read-only'), { code: 'EROFS' })),
      };
      await expect(inboxAt(folder, readOnly).open()).rejects.toThrow('read-only');
    }));

  it('without folders has nothing in it', () =>
    inFolder(async (folder) => {
      const inbox = inboxAt(folder);
      await expect(inbox.interrupted(0)).resolves.toEqual([]);
      await expect(all(inbox.receipts())).resolves.toEqual([]);
      await expect(inbox.quarantine()).resolves.toEqual([]);
      await expect(inbox.pendingHooks()).resolves.toEqual([]);
    }));

  it(
    'has as many bytes free as the file system has for this user',
    withInbox(async (_inbox, folder) => {
      const statfs = async () => ({ bavail: 3, bsize: 4_096 });
      await expect(inboxAt(folder, { ...watchedDisk(folder).disk, statfs }).freeBytes()).resolves.toBe(
        12_288,
      );
    }),
  );

  it(
    'runs exclusive work one piece at a time, also after one has failed',
    withInbox(async (inbox) => {
      let running = 0;
      const piece = async () => {
        expect(++running).toBe(1);
        await new Promise(setImmediate);
        running--;
        throw new Error('failed');
      };
      const results = await Promise.allSettled([1, 2, 3].map(() => inbox.exclusively(piece)));
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      await expect(inbox.exclusively(async () => 'done')).resolves.toBe('done');
    }),
  );
});

describe('a receipt', () => {
  it(
    'is the plan, once the bundle is finished',
    withInbox(async (inbox, folder) => {
      const plan = await planned(inbox, KEY);
      expect([inbox.hasPlan(KEY), inbox.hasReceipt(KEY)]).toEqual([true, false]);
      await inbox.finish(KEY);
      expect([inbox.hasPlan(KEY), inbox.hasReceipt(KEY)]).toEqual([false, true]);
      await expect(inbox.receipt(KEY)).resolves.toEqual(plan);
      expect(readdirSync(join(folder, '.consumer/work'))).toEqual([]);
    }),
  );

  it('is on disk, with the folder of its day, before the rest of the work is removed', () =>
    inFolder(async (folder) => {
      const { disk, calls } = watchedDisk(folder);
      const atRemoval: string[][] = [];
      const rm: typeof disk.rm = (path, options) => {
        if (path === inbox.paths.work(KEY)) atRemoval.push([...calls.sync]);
        return disk.rm(path, options);
      };
      const inbox = inboxAt(folder, { ...disk, rm });
      await inbox.open();
      await planned(inbox, KEY);
      calls.sync.length = 0;
      await inbox.finish(KEY);
      expect(atRemoval).toEqual([['.consumer/receipts', '.consumer/receipts/2026-11-22']]);
      await planned(inbox, keyOf(2));
      calls.sync.length = 0;
      await inbox.finish(keyOf(2));
      expect(calls.sync).toEqual(['.consumer/receipts/2026-11-22']);
    }));

  it(
    'that was changed by hand is refused, with its path',
    withInbox(async (inbox) => {
      await delivered(inbox, KEY);
      writeFileSync(inbox.paths.receipt(KEY), '{}');
      await expect(inbox.receipt(KEY)).rejects.toThrow(`${inbox.paths.receipt(KEY)} is not a receipt`);
    }),
  );

  it(
    'of a later day is listed later, and a file that is no receipt is not listed',
    withInbox(async (inbox) => {
      const nextDay = keyOf(86_400);
      for (const key of [nextDay, keyOf(2), KEY]) await delivered(inbox, key);
      writeFileSync(`${inbox.paths.receipt(KEY)}.0011aabb.new`, '');
      for (const disk of [machineDisk, reversed]) {
        const receipts = await all(inboxAt(inbox.root, disk).receipts());
        expect(receipts.map(({ bundle }) => bundle.key)).toEqual([KEY, keyOf(2), nextDay]);
      }
    }),
  );
});

describe('after a crash', () => {
  it(
    'bundles with a plan are continued, the oldest first',
    withInbox(async (inbox) => {
      const plans = [];
      for (const number of [3, 1, 2]) plans.push(await planned(inbox, keyOf(number)));
      const [third, first, second] = plans;
      // However old they are.
      for (const disk of [machineDisk, reversed]) {
        const interrupted = await inboxAt(inbox.root, disk).interrupted(Date.now() + 30 * DAY);
        expect(interrupted).toEqual([first, second, third]);
      }
    }),
  );

  it(
    'a download is kept for seven days',
    withInbox(async (inbox, folder) => {
      const now = Date.now();
      for (const [key, age] of [
        [keyOf(1), 7 * DAY - 60_000],
        [keyOf(2), 7 * DAY + 60_000],
      ] as const) {
        mkdirSync(inbox.paths.work(key));
        utimesSync(inbox.paths.work(key), (now - age) / 1000, (now - age) / 1000);
      }
      await expect(inbox.interrupted(now)).resolves.toEqual([]);
      expect(readdirSync(join(folder, '.consumer/work'))).toEqual([bundleId(keyOf(1))]);
    }),
  );
});

describe('for somebody who only looks', () => {
  /** A disk on which something happens between the listing of a folder and what follows. */
  const afterListing = (act: (folder: string) => Promise<void>): Disk => ({
    ...machineDisk,
    async readdir(path) {
      const names = await machineDisk.readdir(path);
      await act(path);
      return names;
    },
  });

  it(
    'the consumer may finish bundles at the same time',
    withInbox(async (inbox) => {
      await planned(inbox, KEY);
      await inbox.expectHook(KEY);
      await inbox.setAside({ key: KEY, reason: 'not-a-bundle', detail: '', at: '' });
      const looking = inboxAt(
        inbox.root,
        afterListing(async (folder) => {
          if (folder.endsWith('work') && inbox.hasPlan(KEY)) await inbox.finish(KEY);
          if (folder.endsWith('hooks')) await inbox.hookDone(KEY);
          if (folder.endsWith('quarantine')) await inbox.forget(KEY);
        }),
      );
      await expect(looking.plans()).resolves.toEqual([]);
      await expect(looking.pendingHooks()).resolves.toEqual([]);
      await expect(looking.quarantine()).resolves.toEqual([]);
    }),
  );

  it(
    'bundles are planned, and no download is removed',
    withInbox(async (inbox) => {
      const plan = await planned(inbox, keyOf(2));
      mkdirSync(inbox.paths.work(KEY));
      utimesSync(inbox.paths.work(KEY), 0, 0);
      await expect(inbox.plans()).resolves.toEqual([plan]);
      expect(existsSync(inbox.paths.work(KEY))).toBe(true);
    }),
  );

  it(
    'a damaged receipt does not hide the others',
    withInbox(async (inbox) => {
      for (const number of [1, 2, 3]) await delivered(inbox, keyOf(number));
      writeFileSync(inbox.paths.receipt(keyOf(2)), '');
      const damaged: string[] = [];
      const receipts = await all(inbox.receipts(({ message }) => damaged.push(message)));
      expect(receipts.map(({ bundle }) => bundle.key)).toEqual([keyOf(1), keyOf(3)]);
      expect(damaged).toEqual([expect.stringContaining(inbox.paths.receipt(keyOf(2)))]);
      await expect(all(inbox.receipts())).rejects.toThrow('is not a receipt');
    }),
  );
});

describe('a bundle that is to be delivered again', () => {
  const entry = { key: KEY, reason: 'not-a-bundle', detail: 'x', at: '2026-11-22T09:00:00.000Z' };

  it(
    'looks new, also if it was set aside',
    withInbox(async (inbox) => {
      await delivered(inbox, KEY);
      await inbox.setAside(entry);
      expect(inbox.isSetAside(KEY)).toBe(true);
      await expect(inbox.quarantine()).resolves.toEqual([entry]);
      await inbox.forget(KEY);
      expect([inbox.hasReceipt(KEY), inbox.isSetAside(KEY)]).toEqual([false, false]);
      await expect(inbox.quarantine()).resolves.toEqual([]);
    }),
  );

  it(
    'has its old receipt again if it gets no new one',
    withInbox(async (inbox) => {
      await delivered(inbox, KEY);
      const before = readFileSync(inbox.paths.receipt(KEY), 'utf8');
      const restore = await inbox.forget(KEY);
      await restore();
      expect(readFileSync(inbox.paths.receipt(KEY), 'utf8')).toBe(before);
    }),
  );

  it(
    'keeps its new receipt, and the old one under another name that is not listed',
    withInbox(async (inbox) => {
      await delivered(inbox, KEY);
      const restore = await inbox.forget(KEY);
      mkdirSync(inbox.paths.work(KEY));
      await inbox.writePlan({ ...planFor(KEY), startedAt: 5 });
      await inbox.finish(KEY);
      await restore();
      await expect(all(inbox.receipts())).resolves.toMatchObject([{ startedAt: 5 }]);
      expect(readdirSync(join(inbox.paths.receipt(KEY), '..'))).toHaveLength(2);
    }),
  );

  it(
    'may have no receipt',
    withInbox(async (inbox) => {
      const restore = await inbox.forget(KEY);
      await restore();
      expect(inbox.hasReceipt(KEY)).toBe(false);
    }),
  );
});

it(
  'work on a bundle can be thrown away, and is then forgotten',
  withInbox(async (inbox) => {
    await planned(inbox, KEY);
    await inbox.discardWork(KEY);
    expect(existsSync(inbox.paths.work(KEY))).toBe(false);
    await expect(inbox.plan(KEY)).resolves.toBeUndefined();
    // Also if there is none.
    await inbox.discardWork(KEY);
  }),
);
