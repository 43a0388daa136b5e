import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { findInstance } from '@data-aggregator/operations/instance-registry';
import { writeAssembly } from './testing/assembly.ts';
import { fixture } from './testing/fixture.ts';

const workspaceRoot = join(__dirname, '../../..');
const cli = join(__dirname, 'cli.ts');
const runModule = pathToFileURL(join(workspaceRoot, 'scripts/run.mjs')).href;
const records = join(workspaceRoot, 'out/cloud');
const env = `spec-${process.pid}`;
const assembly = writeAssembly(fixture);
const recordsOf = (environment: string) =>
  (existsSync(records) ? readdirSync(records) : []).filter((name) => name.startsWith(`${environment}.`));

const started: ChildProcess[] = [];
afterAll(() => {
  for (const { pid, exitCode, signalCode } of started) {
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
  }
});

/** Runs a program in its own process group, as a terminal does. */
function start(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  started.push(child);
  return child;
}

/** Starts the cloud like `npm run cloud`: as a child of a script that forwards signals. */
function startCloudCommand(environment = env): ChildProcess {
  const args = JSON.stringify([cli, '--env', environment, '--assembly', assembly, '--json']);
  const script = `import { runLast } from '${runModule}';
    process.exitCode = await runLast(process.execPath, ${args});`;
  return start('--input-type=module', '--eval', script);
}

async function firstLine({ stdout }: ChildProcess): Promise<{ endpoint: string }> {
  if (!stdout) throw new Error('the program has no standard output');
  const [line] = (await once(createInterface(stdout), 'line')) as [string];
  return JSON.parse(line) as { endpoint: string };
}

test('SIGINT, SIGTERM and SIGHUP stop the cloud cleanly, even if sent twice, and remove its record', async () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  // All three at once, because each process takes a second to start.
  await Promise.all(
    signals.map(async (signal) => {
      const environment = `${env}-${signal}`;
      const child = startCloudCommand(environment);
      const ended = once(child, 'exit');
      const { endpoint } = await firstLine(child);
      expect(findInstance(environment)?.endpoint).toBe(endpoint);
      // To every process of the group, like a terminal; the script forwards it as well.
      process.kill(-(child.pid ?? 0), signal);
      expect([signal, await ended]).toEqual([signal, [0, null]]);
      expect(recordsOf(environment)).toEqual([]);
    }),
  );
}, 30_000);

test('once the newer of two clouds has stopped, the older one is found', async () => {
  const earlier = startCloudCommand();
  const { endpoint } = await firstLine(earlier);
  const later = startCloudCommand();
  const newest = await firstLine(later);
  expect(findInstance(env)?.endpoint).toBe(newest.endpoint);
  for (const [child, left] of [
    [later, endpoint],
    [earlier, undefined],
  ] as const) {
    const ended = once(child, 'exit');
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await ended;
    expect(findInstance(env)?.endpoint).toBe(left);
  }
}, 30_000);

test('an unknown environment is an error that lists the existing ones', async () => {
  const folder = join(workspaceRoot, 'apps/infra/cdk.out', env);
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(join(folder, 'manifest.json'), '{}');
    const child = start(cli, '--env', 'nope');
    const [ended, stderr] = await Promise.all([once(child, 'exit'), child.stderr && text(child.stderr)]);
    expect(stderr).toMatch(/^There is no environment "nope"\. Environments: .*spec-\d+.*\.\n$/);
    expect(ended).toEqual([2, null]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 20_000);

test('a cloud that cannot be registered is stopped, and the command fails', async () => {
  // A record in a folder that does not exist.
  const child = start(cli, '--env', `${env}/none`, '--assembly', assembly, '--json');
  const ended = once(child, 'exit');
  expect(child.stderr && (await text(child.stderr))).toContain('ENOENT');
  await expect(ended).resolves.toEqual([1, null]);
}, 20_000);
