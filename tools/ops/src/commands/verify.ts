import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { visible } from '@data-aggregator/terminal';
import { Command } from 'commander';
import { exit, type ExitCode } from '@data-aggregator/operations/errors';
import { counted } from '../output.ts';
import {
  manifestsInArchive,
  manifestsInFolder,
  sourcesOf,
  type Verdict,
  verify,
} from '@data-aggregator/operations/verify';
import {
  type CommonOptions,
  inContext,
  type CommandContext,
  withCommonOptions,
  type Act,
} from './context.ts';

interface Options extends CommonOptions {
  manifests?: string;
}

/** `verify BUNDLE|FOLDER…` */
export function verifyCommand(act: Act): Command {
  return withCommonOptions(
    new Command('verify').description('Checks bundles, and every file in them, against their manifests.'),
  )
    .argument('<places...>', `files, folders, or keys such as ${BUNDLE_PREFIX}…`)
    .option('--manifests <folder>', 'read manifests from this folder instead of from the archive')
    .action((places: string[], options: Options) =>
      act((around) => inContext(options, around, (to) => verifyAll(to, places, options))),
    );
}

async function verifyAll(
  { output, connection }: CommandContext,
  places: string[],
  { manifests }: Options,
): Promise<ExitCode> {
  const findManifest =
    manifests === undefined ? manifestsInArchive(connection) : manifestsInFolder(manifests);
  const verdicts: Verdict[] = [];
  for (const place of places) {
    for (const source of await sourcesOf(place, connection)) {
      verdicts.push(await verify(source, findManifest));
    }
  }
  const bad = verdicts.filter(({ problems }) => problems.length > 0);
  output.result({ verified: verdicts.length, bad: bad.length, bundles: verdicts }, () =>
    [
      ...bad.flatMap(({ place, problems }) => problems.map((problem) => visible(`${place}: ${problem}`))),
      bad.length > 0
        ? `${counted(bad.length, 'bundle')} of ${verdicts.length} failed verification.`
        : `${counted(verdicts.length, 'bundle')} verified, with ${counted(filesIn(verdicts), 'file')}.`,
    ].join('\n'),
  );
  return bad.length > 0 ? exit.findings : exit.success;
}

function filesIn(verdicts: readonly Verdict[]): number {
  return verdicts.reduce((sum, { files }) => sum + files, 0);
}
