import { bundleOf, keyOf } from '../testing/bundles.ts';
import { consumerOf } from '../testing/consumer.ts';
import { inFolder } from '../testing/folder.ts';
import { memoryBuckets } from '../testing/memory-buckets.ts';
import { runPendingHooks } from './hook.ts';

const [FIRST, SECOND, THIRD] = [keyOf(1), keyOf(2), keyOf(3)];

/** An inbox with three bundles whose hooks have failed, and a run of a hook that notes its bundle. */
async function withPendingHooks(folder: string, onRun: (key: string) => Promise<void>) {
  const buckets = memoryBuckets();
  for (const key of [FIRST, SECOND, THIRD])
    buckets.publish(await bundleOf(key, [{ name: 'a', content: 'a' }]));
  const { inbox, once } = await consumerOf(folder, buckets, { hook: async () => undefined });
  await once();
  const ran: string[] = [];
  const retry = (isInProgress = (_key: string) => false) =>
    runPendingHooks(inbox, isInProgress, async ({ bundle }) => {
      ran.push(bundle.key);
      await onRun(bundle.key);
    });
  return { inbox, ran, retry };
}

it('runs pending hooks one after another, and counts those that fail again', () =>
  inFolder(async (folder) => {
    const { inbox, ran, retry } = await withPendingHooks(folder, async (key) => {
      if (key === SECOND) await inbox.hookDone(key);
    });
    await expect(retry()).resolves.toBe(2);
    expect(ran).toEqual([FIRST, SECOND, THIRD]);
    await expect(retry()).resolves.toBe(2);
    expect(ran.slice(3)).toEqual([FIRST, THIRD]);
  }));

it('does not run the hook of a bundle in progress', () =>
  inFolder(async (folder) => {
    const { ran, retry } = await withPendingHooks(folder, async () => undefined);
    await retry((key) => key === SECOND);
    expect(ran).toEqual([FIRST, THIRD]);
  }));

it('does not run a hook again that succeeds meanwhile', () =>
  inFolder(async (folder) => {
    const { inbox, ran, retry } = await withPendingHooks(folder, () => inbox.hookDone(SECOND));
    await retry();
    expect(ran).toEqual([FIRST, THIRD]);
  }));

it('does not run the hook of a bundle that is not in place', () =>
  inFolder(async (folder) => {
    const { inbox, ran, retry } = await withPendingHooks(folder, async () => undefined);
    await inbox.expectHook(keyOf(4));
    await expect(retry()).resolves.toBe(4);
    expect(ran).toEqual([FIRST, SECOND, THIRD]);
  }));
