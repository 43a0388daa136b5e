import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { visible } from '@data-aggregator/terminal';
import { Command } from 'commander';
import type { Connection } from '@data-aggregator/operations/connection';
import { exit, type ExitCode, OpsError } from '@data-aggregator/operations/errors';
import { counted } from '../output.ts';
import {
  type BundleSource,
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

interface VerifyOptions {
  manifests?: string;
}
type Options = CommonOptions & VerifyOptions;

/** What the command needs of a connection. */
interface VerifyContext extends Pick<CommandContext, 'output'> {
  connection: () => Promise<Pick<Connection, 'store' | 'resources' | 'clock' | 'random'>>;
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

/** A bundle that could not be read: nothing is known about it. */
interface Unread {
  place: string;
  unread: string;
  code: ExitCode;
}

/** One bundle that cannot be read does not hide the verdicts on the others. */
export async function verifyAll(
  { output, connection }: VerifyContext,
  places: string[],
  { manifests }: VerifyOptions,
): Promise<ExitCode> {
  const findManifest =
    manifests === undefined ? manifestsInArchive(connection) : manifestsInFolder(manifests);
  const unread: Unread[] = [];
  const sources: BundleSource[] = [];
  for (const place of places) {
    try {
      sources.push(...(await sourcesOf(place, connection)));
    } catch (error) {
      if (!(error instanceof OpsError && error.code === exit.findings)) throw error;
      unread.push(unreadOf(place, error));
    }
  }
  if (manifests === undefined) await connection();
  const verdicts: Verdict[] = [];
  for (const source of sources) {
    try {
      verdicts.push(await verify(source, findManifest));
    } catch (error) {
      unread.push(unreadOf(source.place, error));
    }
  }
  const bad = verdicts.filter(({ problems }) => problems.length > 0);
  const document = {
    verified: verdicts.length,
    bad: bad.length,
    unread: unread.map(({ code: _, ...rest }) => rest),
    bundles: verdicts,
  };
  output.result(document, () =>
    [
      ...bad.flatMap(({ place, problems }) => problems.map((problem) => visible(`${place}: ${problem}`))),
      ...unread.map(({ place, unread: why }) => visible(`${place} could not be read: ${why}`)),
      bad.length > 0
        ? `${counted(bad.length, 'bundle')} of ${verdicts.length} failed verification.`
        : `${counted(verdicts.length, 'bundle')} verified, with ${counted(filesIn(verdicts), 'file')}.`,
      ...(unread.length > 0 ? [`${counted(unread.length, 'bundle')} could not be read.`] : []),
    ].join('\n'),
  );
  if (bad.length > 0) return exit.findings;
  return unread.find(({ code }) => code === exit.failure)?.code ?? unread[0]?.code ?? exit.success;
}

function unreadOf(place: string, error: unknown): Unread {
  const code = error instanceof OpsError ? error.code : exit.failure;
  return { place, unread: error instanceof Error ? error.message : String(error), code };
}

function filesIn(verdicts: readonly Verdict[]): number {
  return verdicts.reduce((sum, { files }) => sum + files, 0);
}
