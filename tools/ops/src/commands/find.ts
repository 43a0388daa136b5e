import { visible } from '@data-aggregator/terminal';
import { Command } from 'commander';
import { exit, type ExitCode, OpsError } from '@data-aggregator/operations/errors';
import { find, type FindDependencies, type Sighting } from '@data-aggregator/operations/find';
import { size } from '../output.ts';
import {
  type CommonOptions,
  inContext,
  type CommandContext,
  group,
  time,
  withCommonOptions,
  type Act,
} from './context.ts';

interface FindOptions {
  from?: number;
  to?: number;
  group?: string;
}
type Options = CommonOptions & FindOptions;

/** What the command needs of a connection. */
interface FindContext extends Pick<CommandContext, 'output'> {
  connection: () => Promise<FindDependencies>;
}

/** `find KEY`: shows where each version of an object is. */
export function findCommand(act: Act): Command {
  return withCommonOptions(
    new Command('find').description('Shows where the versions of an object are, by its original key.'),
  )
    .argument('<key>', 'key of the object in the landing bucket')
    .option('--from <time>', 'search all manifests from this time, for objects older than the ledger', time)
    .option('--to <time>', '… to this time', time)
    .option('--group <name>', '… of bundles of this group only', group)
    .action((key: string, options: Options) =>
      act((around) => inContext(options, around, (to) => findKey(to, key, options))),
    );
}

export async function findKey(
  { output, connection }: FindContext,
  key: string,
  options: FindOptions,
): Promise<ExitCode> {
  const sightings = await find(key, rangeOf(options), await connection());
  output.result({ key, versions: sightings }, () =>
    sightings.length === 0
      ? `Nothing is known about ${visible(key)}. If it landed weeks ago, only the manifests list it: use --from and --to.`
      : sightings.map((sighting) => describe(key, sighting)).join('\n\n'),
  );
  return areDelivered(sightings) ? exit.success : exit.findings;
}

/** Whether there are versions, and each is in a bundle. One may also be in the manifest of a bundle that was never published. */
function areDelivered(sightings: readonly Pick<Sighting, 'object' | 'where'>[]): boolean {
  const delivered = new Set(sightings.flatMap(({ object, where }) => (where === 'delivered' ? object : [])));
  return sightings.length > 0 && sightings.every(({ object }) => delivered.has(object));
}

function rangeOf({ from, to, group }: FindOptions) {
  if (from === undefined && to === undefined && group === undefined) return undefined;
  if (from === undefined || to === undefined || from >= to) {
    throw new OpsError('A range needs --from and a later --to, and --group needs a range.', exit.usage);
  }
  return { from, to, group };
}

const PLACES: Record<Sighting['where'], string> = {
  delivered: 'in a bundle',
  'being-worked-on': 'in progress',
  quarantined: 'quarantined',
  nowhere: 'in no bundle and not in progress',
  unknown: 'unknown',
};

const CONSUMER = { waiting: 'has not taken it', taken: 'has taken it', gone: 'took it, or it expired' };

function describe(key: string, sighting: Sighting): string {
  const { versionId, object, landedAt, where, bundle, group, name, deliveredAt, consumer, onDiskAt, detail } =
    sighting;
  const bytes = sighting.size === undefined ? '' : ` (${size(sighting.size)})`;
  return [
    `${visible(key)}, version ${versionId}`,
    `  id         ${object}`,
    `  landed     ${landedAt}`,
    `  where      ${PLACES[where]}${detail === undefined ? '' : `: ${visible(detail)}`}`,
    ...(bundle === undefined ? [] : [`  bundle     ${bundle}`]),
    ...(group === undefined ? [] : [`  group      ${group}`]),
    ...(name === undefined ? [] : [`  as         ${visible(name)}${bytes}`]),
    ...(deliveredAt === undefined ? [] : [`  delivered  ${deliveredAt}`]),
    ...(consumer === undefined ? [] : [`  consumer   ${CONSUMER[consumer]}`]),
    ...(onDiskAt === undefined ? [] : [`  on disk    ${onDiskAt}`]),
  ].join('\n');
}
