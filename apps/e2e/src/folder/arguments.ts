import { Command, CommanderError, Option } from 'commander';

/** What a person wants of the folder run. */
export interface Request {
  /** Undefined: the installed packages' own files. */
  folder: string | undefined;
  /** Folder that bundles and manifests are left in. */
  out: string;
  /** Whether the last line of standard output is the report as JSON. */
  json: boolean;
  /** Folder of the templates that the embedded cloud boots from; undefined: those of the environment `dev`. */
  assembly: string | undefined;
  /** Whether to stop after everything that the command line can get wrong has been checked. */
  check: boolean;
}

interface Options {
  out: string;
  json: boolean;
  assembly?: string;
  check: boolean;
}

export type Parsed =
  | { kind: 'request'; request: Request }
  /** Nothing is to be done any more: help was shown, or what was wrong. */
  | { kind: 'done'; exitCode: number };

const BAD_INPUT = 2;

const HELP = `
Every file is put into the landing bucket of an embedded cloud under its path in the folder. Once each has ended in
a bundle or in a dead-letter queue, the bundles are pulled as the consumer does it, and every member is compared with
the file it was made from.

Symbolic links are not followed, and neither they nor sockets, pipes and devices are sent: they are counted as left
out. So are files whose path is no S3 key: longer than 1,024 bytes, or no UTF-8. Empty folders have no key.

Exit code: 0 where no file is missing or mismatched, 1 where one is, 2 where the input cannot be worked with, 130
after Ctrl-C.`;

/**
 * Reads the command line.
 *
 * @param args without Node and the script
 * @param write where help and what is wrong are written to
 */
export function parseArguments(args: readonly string[], write: (text: string) => void): Parsed {
  let request: Request | undefined;
  const command = new Command('npm start --')
    .description('Sends every file of a folder through the pipeline, and checks the bundles that come out.')
    .argument(
      '[folder]',
      'what to send (default: the package.json, licence and README files of node_modules)',
    )
    .option('--out <folder>', 'where bundles and their manifests are left, outside of that folder', './out')
    .option('--json', 'end standard output with the report as one line of JSON', false)
    .option('--assembly <folder>', 'templates to boot from, as `nx run infra:synth` writes them')
    .addOption(new Option('--check', 'check arguments and folders, and stop').default(false).hideHelp())
    .addHelpText('after', HELP)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write })
    .action((folder: string | undefined, options: Options) => {
      const { out, json, assembly, check } = options;
      request = { folder, out, json, assembly, check };
    });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'done', exitCode: error.exitCode === 0 ? 0 : BAD_INPUT };
  }
  return request ? { kind: 'request', request } : { kind: 'done', exitCode: BAD_INPUT };
}
