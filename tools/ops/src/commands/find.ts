import { visible } from '@data-aggregator/terminal';
import { Command } from 'commander';
import { exit, type ExitCode, OpsError } from '../exit.ts';
import { find, type Sighting } from '../find/find.ts';
import { size } from '../output.ts';
import type { Act } from './program.ts';
import { type CommonOptions, inContext, type CommandContext, time, withCommonOptions } from './context.ts';

interface Options extends CommonOptions {
  from?: number;
  to?: number;
}

/** `find KEY`: which bundle holds an object, and what became of it. */
export function findCommand(act: Act): Command {
  return withCommonOptions(
    new Command('find').description('Tells where the versions of an object are, by its original key.'),
  )
    .argument('<key>', 'as it landed')
    .option(
      '--from <time>',
      'look through all manifests from then on, for what the ledger has forgotten',
      time,
    )
    .option('--to <time>', '… until then', time)
    .action((key: string, options: Options) =>
      act((around) => inContext(options, around, (to) => findKey(to, key, options))),
    );
}

async function findKey(
  { output, connection }: CommandContext,
  key: string,
  options: Options,
): Promise<ExitCode> {
  const sightings = await find(key, rangeOf(options), await connection());
  output.result({ key, versions: sightings }, () =>
    sightings.length === 0
      ? `Nothing is known of ${visible(key)}. Of what landed weeks ago only the manifests know: give --from and --to.`
      : sightings.map((sighting) => describe(key, sighting)).join('\n\n'),
  );
  const found = sightings.length > 0 && sightings.every(({ where }) => where === 'delivered');
  return found ? exit.success : exit.findings;
}

function rangeOf({ from, to }: Options) {
  if (from === undefined && to === undefined) return undefined;
  if (from === undefined || to === undefined || from >= to) {
    throw new OpsError('A range has --from and --to, the earlier first.', exit.usage);
  }
  return { from, to };
}

const WORDS: Record<Sighting['where'], string> = {
  delivered: 'in a bundle',
  'being-worked-on': 'being worked on',
  quarantined: 'in quarantine',
  nowhere: 'in no bundle, and nobody is at work on it',
  unknown: 'not to be found out',
};

const CONSUMER = { waiting: 'has not taken it yet', taken: 'has taken it', gone: 'took it or let it expire' };

function describe(key: string, sighting: Sighting): string {
  const { versionId, object, landedAt, where, bundle, name, deliveredAt, consumer, detail } = sighting;
  const bytes = sighting.size === undefined ? '' : ` (${size(sighting.size)})`;
  return [
    `${visible(key)}, version ${versionId}`,
    `  id         ${object}`,
    `  landed     ${landedAt}`,
    `  where      ${WORDS[where]}${detail === undefined ? '' : `: ${visible(detail)}`}`,
    ...(bundle === undefined ? [] : [`  bundle     ${bundle}`]),
    ...(name === undefined ? [] : [`  as         ${visible(name)}${bytes}`]),
    ...(deliveredAt === undefined ? [] : [`  delivered  ${deliveredAt}`]),
    ...(consumer === undefined ? [] : [`  consumer   ${CONSUMER[consumer]}`]),
  ].join('\n');
}
