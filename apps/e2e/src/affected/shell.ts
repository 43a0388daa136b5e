import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Failure } from '@data-aggregator/pipeline-client';

/** Runs a program in a folder. @returns its standard output @throws Failure if it fails; the signal's reason */
export type Shell = (program: string, ...args: string[]) => Promise<string>;

/** Length of the output quoted in a failure, in characters. */
const TOLD = 2_000;

/** Runs programs in a workspace, without the variables that Nx has set in this process. */
export function shellIn(folder: string, signal: AbortSignal): Shell {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('NX_'));
  const env = {
    ...Object.fromEntries(inherited),
    PATH: `${join(folder, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
    NX_DAEMON: 'false',
    NX_TUI: 'false',
    CI: 'true',
    FORCE_COLOR: '0',
  };
  return async (program, ...args) => {
    signal.throwIfAborted();
    // Its own process group, so that the children of Nx end with it.
    const child = spawn(program, args, {
      cwd: folder,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
    signal.addEventListener('abort', kill, { once: true });
    try {
      const closed = new Promise<number | null>((resolve, reject) => {
        child.once('error', reject).once('close', resolve);
      });
      const [code, out, err] = await Promise.all([closed, text(child.stdout), text(child.stderr)]);
      signal.throwIfAborted();
      if (code !== 0) throw new Failure(`${[program, ...args].join(' ')} failed: ${tail(`${out}${err}`)}`);
      return out;
    } finally {
      signal.removeEventListener('abort', kill);
    }
  };
}

function tail(output: string): string {
  return output.trim().slice(-TOLD).toWellFormed();
}
