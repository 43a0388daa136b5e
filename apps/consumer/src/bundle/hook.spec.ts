import { getEventListeners } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inFolder } from '../testing/folder.ts';
import { until } from '../testing/until.ts';
import { bundleOf, keyOf } from '../testing/bundles.ts';
import { consumerOf } from '../testing/consumer.ts';
import { memoryBuckets } from '../testing/memory-buckets.ts';
import { inboxAt } from '../inbox/inbox.ts';
import { bundleId } from '../inbox/bundle-id.ts';
import { runHook, runPendingHooks } from './hook.ts';

const KEY = keyOf(1);
const receipt = { bundle: { key: KEY, size: 1 }, folder: bundleId(KEY) };

function hook(
  folder: string,
  command: string,
  { timeoutMs = 30_000, signal = new AbortController().signal } = {},
) {
  return runHook(command, receipt, inboxAt(folder), timeoutMs, signal);
}

/** Whether a process has ended, though its parent may not have asked for its status yet. */
function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform === 'linux' && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
}

const pidIn = (folder: string) => Number(readFileSync(join(folder, 'pid'), 'utf8'));

const onLinux = process.platform === 'linux' ? it : it.skip;

describe('a hook', () => {
  it('learns about the bundle from its environment', () =>
    inFolder(async (folder) => {
      const inbox = inboxAt(folder);
      const command = `printf '%s|%s|%s|%s' "$CONSUMER_BUNDLE" "$CONSUMER_FOLDER" "$CONSUMER_RECEIPT" "$PATH" > '${folder}/said'`;
      await expect(hook(folder, command)).resolves.toBeUndefined();
      const expected = [KEY, join(inbox.root, bundleId(KEY)), inbox.paths.receipt(KEY), process.env['PATH']];
      expect(readFileSync(join(folder, 'said'), 'utf8').split('|')).toEqual(expected);
    }));

  it.each([
    ['exit 3', 'exit code 3'],
    ['echo no disk >&2; exit 1', 'exit code 1: no disk'],
    ['kill -TERM $$', 'ended by SIGTERM'],
    ['echo to nobody; exit 1', 'exit code 1'],
  ])('that fails tells why: %s', (command, expected) =>
    inFolder(async (folder) => {
      await expect(hook(folder, command)).resolves.toBe(expected);
    }),
  );

  it('that says a lot is quoted from the end', () =>
    inFolder(async (folder) => {
      const said = await hook(folder, 'yes "a line" | head -n 100000 >&2; echo the reason >&2; exit 1');
      expect(said).toMatch(/the reason$/);
      expect(said?.length).toBeLessThan(2_100);
    }));

  onLinux('has ended although a program of its own goes on, in a session of its own and without output', () =>
    inFolder(async (folder) => {
      const command = `setsid sleep 60 2>/dev/null & echo $! > '${folder}/pid'`;
      await expect(hook(folder, command)).resolves.toBeUndefined();
      expect(hasEnded(pidIn(folder))).toBe(false);
      process.kill(pidIn(folder));
    }),
  );

  it('may write what nobody reads', () =>
    inFolder(async (folder) => {
      await expect(hook(folder, 'yes | head -n 1000000')).resolves.toBeUndefined();
    }));
});

/** A command whose shell waits for a program of its own, whose process id it writes. */
const waiting = (folder: string, program = 'sleep 60') =>
  `${program} & echo $! > '${folder}/new' && mv '${folder}/new' '${folder}/pid'; wait; true`;

describe('a hook that takes too long', () => {
  it('is killed with the programs that it has started', () =>
    inFolder(async (folder) => {
      const result = hook(folder, `echo busy >&2; ${waiting(folder)}`, { timeoutMs: 500 });
      await expect(result).resolves.toBe('killed after 0.5 s: busy');
      await until(() => hasEnded(pidIn(folder)));
    }));

  it('is killed although it has only left a program in the background', () =>
    inFolder(async (folder) => {
      const command = waiting(folder).replace('wait; ', '');
      await expect(hook(folder, command, { timeoutMs: 500 })).resolves.toBe('killed after 0.5 s');
      await until(() => hasEnded(pidIn(folder)));
    }));

  onLinux('is not waited for if it has started a program that cannot be killed with it', () =>
    inFolder(async (folder) => {
      const command = waiting(folder, 'setsid sleep 60');
      await expect(hook(folder, command, { timeoutMs: 500 })).resolves.toBe('killed after 0.5 s');
      process.kill(pidIn(folder));
    }),
  );
});

describe('once the consumer is told to stop', () => {
  it('a hook is killed with the programs that it has started', () =>
    inFolder(async (folder) => {
      const stopping = new AbortController();
      const result = hook(folder, waiting(folder), { signal: stopping.signal });
      await until(() => existsSync(join(folder, 'pid')));
      stopping.abort();
      await expect(result).resolves.toBe('killed because the consumer stops');
      await until(() => hasEnded(pidIn(folder)));
    }));

  it('no hook starts', () =>
    inFolder(async (folder) => {
      await hook(folder, `echo > '${folder}/started'`, { signal: AbortSignal.abort() });
      expect(readdirSync(folder)).toEqual([]);
    }));
});

it('a hook leaves no listener behind', () =>
  inFolder(async (folder) => {
    const { signal } = new AbortController();
    for (let count = 0; count < 3; count++) await hook(folder, 'true', { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  }));

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

it('pending hooks run one after another, and those that fail again are counted', () =>
  inFolder(async (folder) => {
    const { inbox, ran, retry } = await withPendingHooks(folder, async (key) => {
      if (key === SECOND) await inbox.hookDone(key);
    });
    await expect(retry()).resolves.toBe(2);
    expect(ran).toEqual([FIRST, SECOND, THIRD]);
    await expect(retry()).resolves.toBe(2);
    expect(ran.slice(3)).toEqual([FIRST, THIRD]);
  }));

it('the pending hook of a bundle in progress does not run', () =>
  inFolder(async (folder) => {
    const { ran, retry } = await withPendingHooks(folder, async () => undefined);
    await retry((key) => key === SECOND);
    expect(ran).toEqual([FIRST, THIRD]);
  }));

it('a pending hook does not run again if it succeeds meanwhile', () =>
  inFolder(async (folder) => {
    const { inbox, ran, retry } = await withPendingHooks(folder, () => inbox.hookDone(SECOND));
    await retry();
    expect(ran).toEqual([FIRST, THIRD]);
  }));

it('a pending hook does not run before its bundle is in place', () =>
  inFolder(async (folder) => {
    const { inbox, ran, retry } = await withPendingHooks(folder, async () => undefined);
    await inbox.expectHook(keyOf(4));
    await expect(retry()).resolves.toBe(4);
    expect(ran).toEqual([FIRST, SECOND, THIRD]);
  }));
