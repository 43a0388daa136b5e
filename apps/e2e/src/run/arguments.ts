import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { workspaceRoot } from '../workspace.ts';
import type { TargetName } from './execute.ts';

/** What a person wants of the runner. */
export interface Request {
  /** Files of scenarios, in the order in which they run. */
  configs: string[];
  /** Scenarios with this tag are left out. */
  without: string | undefined;
  target: TargetName;
  verbose: boolean;
}

export type Parsed =
  | { kind: 'request'; request: Request }
  /** Nothing is to be done any more: help was shown, or what was wrong. */
  | { kind: 'done'; exitCode: number };

interface Flags {
  config?: string[];
  all?: true;
  without?: string;
  target: TargetName;
  verbose: boolean;
}

const BAD_INPUT = 2;
const HELP = `
With "local" each scenario runs on an embedded cloud of its own, made from the templates of the environment dev; the
bucket and function names of the file stand for those of that cloud. With "aws" they are taken as they are, and region
and credentials come from where the AWS SDK finds them.

Exit code: 0 where all checks pass, 1 where one does not, 2 where the input cannot be worked with, 130 after Ctrl-C.`;

/** Reads the command line. @param write where help and what is wrong are written to */
export function parseArguments(args: readonly string[], write: (text: string) => void): Parsed {
  let request: Request | undefined;
  const command = new Command('nx run e2e:run --')
    .description('Runs end-to-end scenarios: produces files, consumes bundles, validates every SHA-256.')
    .addOption(new Option('--config <file...>', 'scenarios to run').conflicts('all'))
    .option('--all', 'run every scenario of apps/e2e/scenarios')
    .option('--without <tag>', 'leave out scenarios with this tag')
    .addOption(new Option('--target <name>', 'where').choices(['local', 'aws']).default('local'))
    .option('--verbose', 'say more', false)
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write })
    .action(({ config, all, without, target, verbose }: Flags) => {
      if (!config && !all) command.error('error: say --config <file> or --all');
      // Nx keeps a --verbose to itself, and tells it this way.
      const wanted = verbose || process.env['NX_VERBOSE_LOGGING'] === 'true';
      request = { configs: config ?? allScenarios(), without, target, verbose: wanted };
    });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'done', exitCode: error.exitCode === 0 ? 0 : BAD_INPUT };
  }
  return request ? { kind: 'request', request } : { kind: 'done', exitCode: BAD_INPUT };
}

function allScenarios(): string[] {
  const folder = join(workspaceRoot, 'apps/e2e/scenarios');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => join(folder, file));
}
