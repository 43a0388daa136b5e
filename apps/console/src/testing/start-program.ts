import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const WORKSPACE = join(import.meta.dirname, '../../../..');

export interface StartedProgram {
  /** The line of JSON that it printed when it was ready. */
  ready: unknown;
  stop: () => Promise<void>;
}

/**
 * Starts a program of this workspace, in a process of its own, because apps do not import tools.
 *
 * @param program its file, from the workspace's root
 * @param env variables in addition to those of this process
 * @throws Error with its output if it ends before it is ready
 */
export async function startProgram(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<StartedProgram> {
  const child = spawn(process.execPath, [join(WORKSPACE, program), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const said: string[] = [];
  createInterface(child.stderr).on('line', (line) => said.push(line));
  const ended = once(child, 'exit');
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([text]) => String(text)),
    ended.then(() => {
      throw new Error(`${program} ended: ${said.join('\n')}`);
    }),
  ]);
  return {
    ready: JSON.parse(line),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
