import { Option } from 'commander';
import { type Parsed, parseCommandLine } from '@data-aggregator/pipeline-client';

/** The command line of `npm start`. */
export interface Request {
  /** Undefined: send files of the installed packages. */
  folder: string | undefined;
  /** Folder for the consumer's files. */
  out: string;
  /** Whether to print the report as JSON on the last line of standard output. */
  json: boolean;
  /** Folder of the templates that the embedded cloud boots from; undefined: those of the environment `dev`. */
  assembly: string | undefined;
  /** Whether to stop after checking arguments and folders. */
  check: boolean;
}

interface Options {
  out: string;
  json: boolean;
  assembly?: string;
  check: boolean;
}

const HELP = `
Every file is put into the landing bucket of an embedded cloud, under its path in the folder. When each is in a bundle or
in the dead-letter queue, the consumer downloads the bundles and puts the files on disk, and every file is compared with the
one that was sent.

Symbolic links are not followed. They, sockets, pipes and devices are not sent, but counted as left out, and so are files
whose path is not a valid S3 key (longer than 1,024 bytes, or not UTF-8). Empty folders have no key.

Exit code: 0 if no file is missing or mismatched, 1 if one is, 2 if the input is unusable, 130 after Ctrl-C.`;

/**
 * Parses the command line.
 *
 * @param args without Node and the script
 * @param write prints help and usage errors
 */
export function parseArguments(args: readonly string[], write: (text: string) => void): Parsed<Request> {
  return parseCommandLine<Request>(args, write, (command, accept) =>
    command
      .name('npm start --')
      .description('Sends every file of a folder through the pipeline, and checks the files that come out.')
      .argument(
        '[folder]',
        'folder to send (default: the package.json, licence and README files of node_modules)',
      )
      .option('--out <folder>', 'folder for the files that come out, outside the input folder', './out')
      .option('--json', 'print the report as JSON on the last line of standard output', false)
      .option('--assembly <folder>', 'templates to boot from, as `nx run infra:synth` writes them')
      .addOption(new Option('--check', 'check arguments and folders, and stop').default(false).hideHelp())
      .addHelpText('after', HELP)
      .action((folder: string | undefined, { out, json, assembly, check }: Options) =>
        accept({ folder, out, json, assembly, check }),
      ),
  );
}
