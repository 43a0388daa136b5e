import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from 'commander';
import { type Parsed, parseCommandLine } from '@data-aggregator/pipeline-client';
import { workspaceRoot } from '../workspace.ts';
import type { TargetName } from './execute.ts';

/** The command line of the scenario runner. */
export interface Request {
  /** Scenario files, in order of execution. */
  configs: string[];
  /** Skip scenarios with this tag. */
  without: string | undefined;
  target: TargetName;
  verbose: boolean;
}

interface Flags {
  config?: string[];
  all?: true;
  without?: string;
  target: TargetName;
  verbose: boolean;
}

const HELP = `
With "local", each scenario boots its own embedded cloud from the templates of dev; bucket and function names in the file
are mapped to those of that cloud. With "aws", names are used as given, and the AWS SDK finds region and credentials.

Exit code: 0 if all checks pass, 1 if one fails, 2 if the input is unusable, 130 after Ctrl-C.`;

/** Parses the command line. @param write prints help and usage errors */
export function parseArguments(args: readonly string[], write: (text: string) => void): Parsed<Request> {
  return parseCommandLine<Request>(args, write, (command, accept) =>
    command
      .name('nx run e2e:run --')
      .description('Runs end-to-end scenarios: uploads files, consumes bundles, validates every SHA-256.')
      .addOption(new Option('--config <file...>', 'scenarios to run').conflicts('all'))
      .option('--all', 'run every scenario in apps/e2e/scenarios')
      .option('--without <tag>', 'skip scenarios with this tag')
      .addOption(new Option('--target <name>', 'where to run').choices(['local', 'aws']).default('local'))
      .option('--verbose', 'show every bundle, every dead letter and the log of the cloud', false)
      .addHelpText('after', HELP)
      .action(({ config, all, without, target, verbose }: Flags) => {
        if (!config && !all) command.error('error: say --config <file> or --all');
        // Nx consumes --verbose, and passes it on as this variable.
        const isVerbose = verbose || process.env['NX_VERBOSE_LOGGING'] === 'true';
        accept({ configs: config ?? allScenarios(), without, target, verbose: isVerbose });
      }),
  );
}

function allScenarios(): string[] {
  const folder = join(workspaceRoot, 'apps/e2e/scenarios');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => join(folder, file));
}
