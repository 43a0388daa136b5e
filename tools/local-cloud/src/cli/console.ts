import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { visible } from '@data-aggregator/terminal';
import * as v from 'valibot';
import type { Cloud } from '../cloud/cloud.ts';

/** The operator's console, in a process of its own: if it fails, the cloud goes on. */
export interface RunningConsole {
  stop(): Promise<void>;
}

export interface ConsoleOptions {
  workspaceRoot: string;
  /** Name of the environment. */
  env: string;
  cloud: Pick<Cloud, 'endpoint' | 'credentials'>;
  say: (line: string) => void;
  /** The program, for tests. */
  program?: string;
}

const ready = v.object({ url: v.string() });

/** Starts the console for a cloud, and says its address when it is ready. Without the program, does nothing. */
export function startConsole({
  workspaceRoot,
  env,
  cloud,
  say,
  program = join(workspaceRoot, 'apps/console/src/main.ts'),
}: ConsoleOptions): RunningConsole {
  if (!existsSync(program)) return { stop: async () => undefined };
  const { accessKeyId, secretAccessKey } = cloud.credentials.admin;
  let isStopping = false;
  const child = spawn(
    process.execPath,
    [program, 'serve', '--env', env, '--endpoint', cloud.endpoint, '--json', '--stop-with-input'],
    {
      // It stops when its input ends, so that it does not outlive a cloud that was killed.
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    },
  );
  // Not `once`, which rejects if the process cannot be started.
  const ended = new Promise((resolve) => child.once('close', resolve));
  createInterface(child.stdout).once('line', (line) => {
    say(`The console is at ${v.parse(ready, JSON.parse(line)).url}`);
  });
  createInterface(child.stderr).on('line', (line) => say(`console: ${visible(line)}`));
  child.once('error', (error) => say(`The console could not be started: ${error.message}`));
  child.once('exit', (code) => {
    if (!isStopping) say(`The console ended with status ${code ?? 'unknown'}. The cloud goes on.`);
  });
  return {
    async stop() {
      isStopping = true;
      child.stdin.end();
      await ended;
    },
  };
}
