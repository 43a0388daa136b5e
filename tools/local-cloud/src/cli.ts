#!/usr/bin/env node
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { loadFunctions } from '@data-aggregator/function-manifest';
import { registerInstance } from '@data-aggregator/operations/instance-registry';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import pc from 'picocolors';
import { asJson, banner } from './cli/banner.ts';
import { startConsole } from './cli/console.ts';
import { startRebuilding } from './cli/rebuild.ts';
import { renderLine } from './cli/render.ts';
import { AssemblyError, PolicyError, startCloud, watchAlarms } from './index.ts';

/** Exit statuses. */
const exit = { stopped: 0, failed: 1, usage: 2, templates: 3 } as const;

const workspaceRoot = join(import.meta.dirname, '../../..');
const assemblies = join(workspaceRoot, 'apps/infra/cdk.out');

/** An invalid argument. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

function port(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}

interface Settings {
  readonly env: string;
  readonly port: number;
  readonly json?: true;
  readonly assembly?: string;
  /** False with --no-console. */
  readonly console: boolean;
}

function readArguments(): Settings {
  return new Command('cloud')
    .description('Runs the synthesised templates on this machine until Ctrl-C.')
    .option('--env <name>', 'environment to boot', 'dev')
    .option('--assembly <folder>', 'cloud assembly to boot in place of the one of --env')
    .option('--port <number>', 'port of the endpoint; 0 means any free port', port, 0)
    .option('--json', 'when ready, print one line of JSON, and nothing else, on standard output')
    .option('--no-console', "do not start the operator's console; it is not started with --json either")
    .addHelpText(
      'after',
      '\nExit status: 0 stopped by Ctrl-C or another signal, 1 failure, 2 usage error, 3 templates missing or invalid.',
    )
    .exitOverride()
    .configureOutput({ writeOut: stdout.write, writeErr: stderr.write })
    .parse()
    .opts<Settings>();
}

/**
 * Folder of an environment's templates.
 *
 * @throws UsageError that lists the available environments if this one does not exist
 */
function assemblyOf(env: string): string {
  const names = (existsSync(assemblies) ? readdirSync(assemblies) : []).filter((name) =>
    existsSync(join(assemblies, name, 'manifest.json')),
  );
  if (names.includes(env) || names.length === 0) return join(assemblies, env);
  throw new UsageError(`There is no environment "${env}". Environments: ${names.toSorted().join(', ')}.`);
}

/** Maximum delay between the two signals of one Ctrl-C, in milliseconds. */
const repeatMs = 500;

interface Stop {
  /** Resolves at the first stop signal. */
  readonly asked: Promise<unknown>;
  /** Resolves once the duplicate of that signal has arrived or is no longer expected. */
  readonly repeated: Promise<unknown>;
}

/**
 * Listens for stop signals. Ctrl-C arrives twice: from the terminal, and from the script that runs this one. The second
 * is ignored, so that the cloud stops cleanly. We also wait for it, because a process that is exiting no longer handles
 * signals and would end with status 130.
 */
function listenForStop(): Stop {
  const first = Promise.withResolvers<NodeJS.Signals>();
  const second = Promise.withResolvers<NodeJS.Signals>();
  let count = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => (count++ === 0 ? first : second).resolve(signal));
  }
  const repeated = first.promise.then(() => Promise.race([second.promise, sleep(repeatMs)]));
  return { asked: first.promise, repeated };
}

async function run({ env, port: fixedPort, json, assembly, console }: Settings): Promise<void> {
  const stop = listenForStop();
  const out = json ? stderr : stdout;
  const colours = pc.createColors(out.hasColour && pc.isColorSupported);
  const say = (line: string) => void out.write(`${colours.yellow('cloud')} ${line}\n`);

  // If a later step fails, the stack stops what has been started, last to first. The process would not end otherwise.
  await using running = new AsyncDisposableStack();
  const cloud = running.adopt(
    await startCloud({
      assembly: assembly === undefined ? assemblyOf(env) : resolve(assembly),
      port: fixedPort,
      schedulesAtBoot: true,
      logger: say,
    }),
    ({ stop: stopCloud }) => stopCloud(),
  );
  running.use(registerInstance(env, cloud));
  cloud.onLog((line) => {
    const rendered = renderLine(line, colours);
    if (rendered !== undefined) out.write(`${rendered}\n`);
  });
  running.use(watchAlarms(cloud.alarms, say));
  const rebuilding = startRebuilding({
    workspaceRoot,
    functions: loadFunctions(workspaceRoot),
    onBuilt: ({ manifest, artifact }) => cloud.redeploy(manifest.name, artifact),
    say,
  });
  running.defer(rebuilding.stop);
  stdout.write(json ? `${asJson(cloud)}\n` : banner(cloud));
  if (console && !json) {
    const page = startConsole({ workspaceRoot, env, cloud, say });
    running.defer(() => page.stop());
  }

  await stop.asked;
  say('stopping');
  await running.disposeAsync();
  await stop.repeated;
}

reportUncaught();
try {
  await run(readArguments());
  process.exitCode = exit.stopped;
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exit.stopped : exit.usage;
  } else if (error instanceof UsageError) {
    stderr.write(`${error.message}\n`);
    process.exitCode = exit.usage;
  } else if (error instanceof AssemblyError || error instanceof PolicyError) {
    stderr.write(`${error.message}\n`);
    process.exitCode = exit.templates;
  } else if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    stderr.write('That port is in use. Omit --port to use a free one.\n');
    process.exitCode = exit.failed;
  } else {
    stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = exit.failed;
  }
}
