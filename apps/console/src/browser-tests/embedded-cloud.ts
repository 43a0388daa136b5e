import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const workspace = join(import.meta.dirname, '../../../..');

/** A console, and the embedded cloud that it shows. */
export interface RunningConsole extends AsyncDisposable {
  /** With the token. */
  address: string;
}

/**
 * Starts the embedded cloud from the sandbox's templates, which have short timeouts, and its console. Both are programs of their
 * own, as for an operator.
 */
export async function startEmbeddedCloud(): Promise<RunningConsole> {
  const assembly = join(workspace, 'apps/e2e/dist/assemblies/sandbox');
  const cloud = await start<{ endpoint: string }>('tools/local-cloud/src/cli.ts', [
    ...['--env', 'sandbox', '--assembly', assembly, '--json'],
  ]);
  try {
    const served = await start<{ url: string }>('apps/console/src/main.ts', [
      ...['serve', '--env', 'sandbox', '--endpoint', cloud.ready.endpoint, '--port', '0', '--json'],
    ]);
    return {
      address: served.ready.url,
      [Symbol.asyncDispose]: async () => {
        await served.stop();
        await cloud.stop();
      },
    };
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}

interface Started<Ready> {
  /** What it printed when it was ready. */
  ready: Ready;
  stop: () => Promise<void>;
}

/** Starts a program that prints one line of JSON when it is ready. @throws if it ends before */
async function start<Ready>(program: string, args: string[]): Promise<Started<Ready>> {
  const child = spawn(process.execPath, [join(workspace, program), ...args], {
    cwd: workspace,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${program} ended with ${String(code)}: ${errors}`);
  });
  // Rejects whenever the program ends; until it is ready, that is an error, and later it is expected.
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string];
  return { ready: JSON.parse(line) as Ready, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
