import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { bundleDay, bundleId } from './bundle-id.ts';
import { type Disk, machineDisk } from './disk.ts';
import { makeFolder, syncFolder, unlessMissing, writeDurably } from './durable.ts';
import { STATE_FOLDER } from './layout.ts';
import {
  DamagedReceipt,
  type LocalReceipt,
  parseLocalReceipt,
  serializeLocalReceipt,
} from './local-receipt.ts';

/*
 * The target folder and the consumer's own folder in it, which is therefore on the same file system:
 *
 *     /data/inbox/
 *       bundle-20261122T090807Z-0123456789abcdef/…    the files of a bundle (or one tree for all bundles)
 *       .consumer/
 *         consumer.json                               this inbox's name
 *         lock-8                                      who works here
 *         work/<bundle>/bundle                        the download
 *         work/<bundle>/files/…                       extracted files, not visible yet
 *         work/<bundle>/plan.json                     all files are complete and synced; where each goes
 *         receipts/2026-11-22/<bundle>.json           the files are in place
 *         quarantine/<bundle>.json                    set aside, with the reason
 *         hooks/<bundle>.json                         the hook has not succeeded yet
 */

/** A bundle that cannot be used. */
export interface SetAside {
  key: string;
  reason: string;
  detail: string;
  /** ISO 8601. */
  at: string;
}

const setAsideSchema = v.object({ key: v.string(), reason: v.string(), detail: v.string(), at: v.string() });
const consumerSchema = v.object({ id: v.pipe(v.string(), v.uuid()) });
const pendingHookSchema = v.object({ key: v.string() });

export type Inbox = ReturnType<typeof inboxAt>;

/**
 * The folders and files of an inbox.
 *
 * @param target path of the target folder
 */
export function inboxAt(target: string, disk: Disk = machineDisk) {
  const { existsSync, readdir, readFile, rename, rm } = disk;
  const root = resolve(target);
  const state = join(root, STATE_FOLDER);
  const paths = {
    work: (key: string) => join(state, 'work', bundleId(key)),
    receipt: (key: string) => join(state, 'receipts', bundleDay(key), `${bundleId(key)}.json`),
    quarantine: (key: string) => join(state, 'quarantine', `${bundleId(key)}.json`),
    hook: (key: string) => join(state, 'hooks', `${bundleId(key)}.json`),
  };

  async function readReceipt(path: string): Promise<LocalReceipt | undefined> {
    const text = await unlessMissing(readFile(path, 'utf8'));
    return text === undefined ? undefined : parseLocalReceipt(text, path);
  }

  /** The value in a file; undefined if there is no such file, because the running consumer may have just removed it. */
  async function readValue<T>(path: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
    const text = await unlessMissing(readFile(path, 'utf8'));
    return text === undefined ? undefined : v.parse(schema, JSON.parse(text));
  }

  /** The folders of work in progress, with their plans. */
  async function works(): Promise<{ folder: string; plan: LocalReceipt | undefined }[]> {
    const found: { folder: string; plan: LocalReceipt | undefined }[] = [];
    for (const name of (await unlessMissing(readdir(join(state, 'work')))) ?? []) {
      const folder = join(state, 'work', name);
      found.push({ folder, plan: await readReceipt(join(folder, 'plan.json')) });
    }
    return found;
  }

  async function* filesIn(folder: string): AsyncGenerator<string> {
    const names = (await unlessMissing(readdir(join(state, folder)))) ?? [];
    for (const name of names.sort()) if (name.endsWith('.json')) yield join(state, folder, name);
  }

  /** Folders of receipts whose names this process knows to be on disk. */
  const days = new Set<string>();
  /** Settles when the last caller of `exclusively` has finished. */
  let last: Promise<unknown> = Promise.resolve();

  return {
    root,
    state,
    paths,
    disk,

    /** Runs work on the target folder, one piece at a time. */
    exclusively<T>(work: () => Promise<T>): Promise<T> {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    },

    /**
     * Creates the folders, checks that they can be written, and returns the consumer's name for itself: `host/id`. The id belongs to the
     * inbox, so that it survives a change of host.
     */
    async open(): Promise<string> {
      for (const folder of ['work', 'receipts', 'quarantine', 'hooks'])
        await makeFolder(join(state, folder), disk);
      const file = join(state, 'consumer.json');
      if (!existsSync(file)) await writeDurably(file, `${JSON.stringify({ id: randomUUID() })}\n`, disk);
      const { id } = v.parse(consumerSchema, JSON.parse(await readFile(file, 'utf8')));
      const probe = join(state, 'probe');
      await writeDurably(probe, '', disk);
      await rm(probe, { force: true });
      return `${hostname().slice(0, 200)}/${id}`;
    },

    exists: () => existsSync(state),

    /** Free bytes for this user. */
    async freeBytes(): Promise<number> {
      const { bavail, bsize } = await disk.statfs(state);
      return bavail * bsize;
    },

    receipt: (key: string) => readReceipt(paths.receipt(key)),
    hasReceipt: (key: string) => existsSync(paths.receipt(key)),
    plan: (key: string) => readReceipt(join(paths.work(key), 'plan.json')),
    hasPlan: (key: string) => existsSync(join(paths.work(key), 'plan.json')),
    /** Makes sure that the name of a plan, which is complete as soon as it is visible, survives a power failure. */
    syncPlan: (key: string) => syncFolder(paths.work(key), disk),

    /** From here on, a restart needs nothing but the disk to finish the bundle. */
    writePlan: (plan: LocalReceipt) =>
      writeDurably(join(paths.work(plan.bundle.key), 'plan.json'), serializeLocalReceipt(plan), disk),

    /** Turns the plan of a bundle, whose files are in place, into its receipt, and removes the rest of its work. */
    async finish(key: string): Promise<void> {
      const receipt = paths.receipt(key);
      const day = dirname(receipt);
      if (!days.has(day)) await makeFolder(day, disk);
      days.add(day);
      await rename(join(paths.work(key), 'plan.json'), receipt);
      await syncFolder(dirname(receipt), disk);
      await rm(paths.work(key), { recursive: true, force: true });
    },

    discardWork: (key: string) => rm(paths.work(key), { recursive: true, force: true }),

    /**
     * The bundles whose processing was interrupted after their plan was written, oldest first. Removes downloads that nobody has
     * continued for a week.
     *
     * @param now ms since the epoch, by the clock of the disk's machine
     */
    async interrupted(now: number): Promise<LocalReceipt[]> {
      const found = await works();
      for (const { folder, plan } of found) {
        // Another consumer may have taken the bundle of an old download. A younger one is continued.
        if (!plan && now - (await disk.stat(folder)).mtimeMs > MAX_DOWNLOAD_AGE_MS) {
          await rm(folder, { recursive: true, force: true });
        }
      }
      return plansIn(found);
    },

    /** The bundles whose plan was written and whose receipt was not, oldest first. Changes nothing. */
    plans: async (): Promise<LocalReceipt[]> => plansIn(await works()),

    /** All receipts, oldest first. @param onDamaged called for each that cannot be read; by default, it is thrown */
    async *receipts(onDamaged = raise): AsyncGenerator<LocalReceipt> {
      const days = (await unlessMissing(readdir(join(state, 'receipts')))) ?? [];
      for (const day of days.sort()) {
        for await (const path of filesIn(join('receipts', day))) {
          try {
            const receipt = await readReceipt(path);
            if (receipt) yield receipt;
          } catch (error) {
            if (!(error instanceof DamagedReceipt)) throw error;
            onDamaged(error);
          }
        }
      }
    },

    /**
     * Makes a bundle look new, for a deliberate replay. Its files stay where they are.
     *
     * @returns call it at the end: without a new receipt, the old one is put back; otherwise it is kept under another name
     */
    async forget(key: string): Promise<() => Promise<void>> {
      await rm(paths.quarantine(key), { force: true });
      const receipt = paths.receipt(key);
      if (!existsSync(receipt)) return () => Promise.resolve();
      const old = `${receipt}.replayed-${Date.now()}`;
      await rename(receipt, old);
      return async () => {
        if (!existsSync(receipt)) await rename(old, receipt);
      };
    },

    setAside: (entry: SetAside) =>
      writeDurably(paths.quarantine(entry.key), `${JSON.stringify(entry, undefined, 2)}\n`, disk),
    isSetAside: (key: string) => existsSync(paths.quarantine(key)),
    async quarantine(): Promise<SetAside[]> {
      const entries: SetAside[] = [];
      for await (const path of filesIn('quarantine')) {
        const entry = await readValue(path, setAsideSchema);
        if (entry) entries.push(entry);
      }
      return entries;
    },

    expectHook: (key: string) => writeDurably(paths.hook(key), `${JSON.stringify({ key })}\n`, disk),
    isHookPending: (key: string) => existsSync(paths.hook(key)),
    hookDone: (key: string) => rm(paths.hook(key), { force: true }),
    /** Keys of bundles whose hook has not succeeded. */
    async pendingHooks(): Promise<string[]> {
      const keys: string[] = [];
      for await (const path of filesIn('hooks')) {
        const pending = await readValue(path, pendingHookSchema);
        if (pending) keys.push(pending.key);
      }
      return keys;
    },
  };
}

const MAX_DOWNLOAD_AGE_MS = 7 * 86_400_000;

function plansIn(works: readonly { plan: LocalReceipt | undefined }[]): LocalReceipt[] {
  const plans = works.flatMap(({ plan }) => plan ?? []);
  return plans.sort((a, b) => (a.bundle.key < b.bundle.key ? -1 : 1));
}

function raise(error: DamagedReceipt): void {
  throw error;
}
