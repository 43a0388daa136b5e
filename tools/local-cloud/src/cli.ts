#!/usr/bin/env node
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { loadFunctions } from '@data-aggregator/function-manifest';
import { reportUncaught, stderr, stdout } from '@data-aggregator/terminal';
import pc from 'picocolors';
import { asJson, banner } from './cli/banner.ts';
import { startRebuilding } from './cli/rebuild.ts';
import { renderLine } from './cli/render.ts';
import { AssemblyError, PolicyError, startCloud, watchAlarms } from './index.ts';
import { leaveNote } from './running.ts';

/** What the process ends with. */
const exit = { stopped: 0, failed: 1, usage: 2, templates: 3 } as const;

const workspaceRoot = join(import.meta.dirname, '../../..');

function port(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 0 && number <= 65_535) return number;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}

interface Settings {
  readonly env: string;
  readonly port: number;
  readonly json?: true;
}

function readArguments(): Settings {
  return new Command('cloud')
    .description('Runs the system on this machine, from the synthesised templates, until Ctrl-C.')
    .option('--env <name>', 'environment whose templates to boot', 'dev')
    .option('--port <number>', 'port of the endpoint; 0 takes any that is free', port, 0)
    .option('--json', 'print one line of JSON when ready, and nothing else on standard output')
    .addHelpText(
      'after',
      '\nExit status: 0 stopped, 1 failed, 2 wrong arguments, 3 templates missing or not understood.',
    )
    .exitOverride()
    .configureOutput({ writeOut: stdout.write, writeErr: stderr.write })
    .parse()
    .opts<Settings>();
}

async function run({ env, port: fixedPort, json }: Settings): Promise<void> {
  const out = json ? stderr : stdout;
  const colours = pc.createColors(out.hasColour && pc.isColorSupported);
  const say = (line: string) => void out.write(`${colours.yellow('cloud')} ${line}\n`);

  const cloud = await startCloud({
    assembly: join(workspaceRoot, 'apps/infra/cdk.out', env),
    port: fixedPort,
    logger: say,
  });
  using _note = leaveNote(env, cloud);
  cloud.onLog((line) => {
    const rendered = renderLine(line, colours);
    if (rendered !== undefined) out.write(`${rendered}\n`);
  });
  using _watching = watchAlarms(cloud.alarms, say);
  const rebuilding = startRebuilding({
    workspaceRoot,
    functions: loadFunctions(workspaceRoot),
    onBuilt: ({ manifest, artifact }) => cloud.redeploy(manifest.name, artifact),
    say,
  });
  stdout.write(json ? `${asJson(cloud)}\n` : banner(cloud));

  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  say('stopping');
  await rebuilding.stop();
  await cloud.stop();
}

reportUncaught();
try {
  await run(readArguments());
  process.exitCode = exit.stopped;
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exit.stopped : exit.usage;
  } else if (error instanceof AssemblyError || error instanceof PolicyError) {
    stderr.write(`${error.message}\n`);
    process.exitCode = exit.templates;
  } else if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    stderr.write('That port is taken; leave --port out for one that is free.\n');
    process.exitCode = exit.failed;
  } else {
    stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = exit.failed;
  }
}
