import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Inbox } from '../inbox/inbox.ts';
import type { LocalReceipt } from '../inbox/local-receipt.ts';

const MAX_OUTPUT = 2_000;
const STOPPED = 'killed because the consumer stops';

/** How a run of the hook ended: undefined if it succeeded, otherwise the reason in a few words. */
export type HookResult = string | undefined;

/**
 * Runs the hook for a bundle that is in place, through the shell of the system. It learns about the bundle from its environment, so that
 * no name is ever part of the command line:
 *
 *     CONSUMER_BUNDLE    key of the bundle
 *     CONSUMER_FOLDER    folder of its files; in a tree, the target folder
 *     CONSUMER_RECEIPT   receipt with the path of every file, JSON
 *
 * It has ended once all programs that it has started have, also those in the background, or have closed its error output.
 *
 * @param timeoutMs it is killed after this time, with all programs that it has started
 */
export async function runHook(
  command: string,
  { bundle, folder }: Pick<LocalReceipt, 'bundle' | 'folder'>,
  inbox: Pick<Inbox, 'root' | 'paths'>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<HookResult> {
  if (signal.aborted) return STOPPED;
  return new Promise((resolve) => {
    const child = spawn(command, {
      shell: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      // The leader of a process group.
      detached: process.platform !== 'win32',
      env: {
        ...process.env,
        CONSUMER_BUNDLE: bundle.key,
        CONSUMER_FOLDER: join(inbox.root, folder),
        CONSUMER_RECEIPT: inbox.paths.receipt(bundle.key),
      },
    });
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-MAX_OUTPUT);
    });
    let killed: string | undefined;
    const kill = (why: string) => {
      killed = why;
      killGroup(child);
      // A program that has left the group could hold it open.
      child.stderr.destroy();
    };
    const timer = setTimeout(() => kill(`killed after ${timeoutMs / 1000} s`), timeoutMs);
    const onAbort = () => kill(STOPPED);
    signal.addEventListener('abort', onAbort);
    const end = (result: HookResult) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(result);
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, killedBy) => {
      if (code === 0 && killed === undefined) return end(undefined);
      const how = killed ?? (killedBy ? `ended by ${killedBy}` : `exit code ${code}`);
      end(output.trim() === '' ? how : `${how}: ${output.trim()}`);
    });
  });
}

/** Kills a process and, except on Windows, all of its group. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Runs the hooks that have not succeeded, one after another.
 *
 * @param isInProgress whether a bundle with this key is being processed: it runs its hook itself
 * @returns how many have still not succeeded
 */
export async function runPendingHooks(
  inbox: Inbox,
  isInProgress: (key: string) => boolean,
  run: (receipt: LocalReceipt) => Promise<void>,
): Promise<number> {
  for (const key of await inbox.pendingHooks()) {
    const receipt = await inbox.receipt(key);
    // Without a receipt, the bundle is not in place yet; its hook runs once it is. One that was in progress may have finished meanwhile.
    if (receipt && !isInProgress(key) && inbox.isHookPending(key)) await run(receipt);
  }
  return (await inbox.pendingHooks()).length;
}
