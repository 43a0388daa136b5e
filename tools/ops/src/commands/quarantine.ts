import { visible } from '@data-aggregator/terminal';
import { Command } from 'commander';
import { exit, type ExitCode } from '@data-aggregator/operations/errors';
import { counted, isoTime, table } from '../output.ts';
import {
  type Case,
  caseOf,
  casesOf,
  type Choice,
  choose,
  drop,
  redrive,
  titleOf,
  withAllLetters,
} from '@data-aggregator/operations/quarantine';
import {
  type CommonOptions,
  count,
  inContext,
  type CommandContext,
  withCommonOptions,
  type Act,
} from './context.ts';

type Options = CommonOptions & Omit<Choice, 'ids'> & { most: number; execute?: true; note?: string };

/** `quarantine list|show|redrive|drop` */
export function quarantineCommand(act: Act): Command {
  const command = new Command('quarantine').description(
    'Handles dead letters: notifications that could not be delivered.',
  );
  const sub = (words: string, description: string) =>
    withCommonOptions(command.command(words).description(description)).option(
      '--most <letters>',
      'maximum number of dead letters to read',
      count,
      10_000,
    );

  sub('list', 'Lists reasons with counts, then each case once, however many dead letters it has.')
    .option('--reason <word>', 'only cases with this reason')
    .action((options: Options) => act((around) => inContext(options, around, (to) => list(to, options))));
  sub('show <id>', 'Shows one case with all its dead letters.').action((id: string, options: Options) =>
    act((around) => inContext(options, around, (to) => show(to, id, options))),
  );
  const chosen = (words: string, description: string) =>
    sub(words, description)
      .option('--reason <word>', 'all cases with this reason')
      .option('--all', 'all cases')
      .option('--execute', 'make the change; without it, only show what would change');
  chosen('redrive [ids...]', 'Sends cases back to the queue. Fix the cause first.').action(
    (ids: string[], options: Options) =>
      act((around) => inContext(options, around, (to) => redriveAll(to, ids, options))),
  );
  chosen('drop [ids...]', 'Gives up cases for good. The archive keeps their dead letters and the note.')
    .requiredOption('--note <text>', 'why they are dropped; stored in the archive')
    .action((ids: string[], options: Options) =>
      act((around) => inContext(options, around, (to) => dropAll(to, ids, options))),
    );
  return command;
}

async function list({ output, connection }: CommandContext, { reason, most }: Options): Promise<ExitCode> {
  const { deadLetters } = await connection();
  return withAllLetters(deadLetters, most, async (letters, _remove, mayHaveMore) => {
    const cases = casesOf(letters).filter((one) => reason === undefined || one.reason === reason);
    const reasons = Object.entries(Object.groupBy(cases, (one) => one.reason)).map(([word, of = []]) => ({
      reason: word,
      cases: of.length,
      letters: of.reduce((sum, one) => sum + one.letters.length, 0),
    }));
    output.result({ reasons, cases: cases.map(summary), mayBeMore: mayHaveMore }, () =>
      cases.length === 0
        ? 'The quarantine is empty.'
        : [
            table(
              ['reason', 'cases', 'letters'],
              reasons.map((one) => [one.reason, one.cases, one.letters]),
            ),
            '',
            table(
              ['id', 'since', 'letters', 'reason', 'object'],
              cases.map((one) => [one.id, since(one), one.letters.length, one.reason, titleOf(one)]),
            ),
            ...(mayHaveMore ? ['', `There may be more: only ${most} dead letters were read (--most).`] : []),
          ].join('\n'),
    );
    return exit.success;
  });
}

async function show(
  { output, connection }: CommandContext,
  id: string,
  { most }: Options,
): Promise<ExitCode> {
  const { deadLetters } = await connection();
  return withAllLetters(deadLetters, most, async (letters) => {
    const one = caseOf(casesOf(letters), id);
    const document = {
      ...summary(one),
      detail: one.detail,
      objects: one.objects.map(({ event: _event, landedAt, ...object }) => ({
        ...object,
        landedAt: isoTime(landedAt),
      })),
      letters: one.letters.map(({ handle: _handle, sentAt, ...letter }) => ({
        ...letter,
        sentAt: isoTime(sentAt),
      })),
    };
    output.result(document, () => JSON.stringify(document, null, 2));
    return exit.success;
  });
}

async function redriveAll(
  { output, connection }: CommandContext,
  ids: string[],
  options: Options,
): Promise<ExitCode> {
  const connected = await connection();
  return withAllLetters(connected.deadLetters, options.most, async (letters, remove) => {
    const cases = choose(casesOf(letters), { ids, ...choiceOf(options) });
    if (!options.execute) return plan(output, 'sent back', cases);
    const done: { id: string; sent: boolean; lettersLeft: number }[] = [];
    for (const one of cases) done.push({ id: one.id, ...(await redrive(one, { ...connected, remove })) });
    const unsent = done.filter(({ sent }) => !sent).length;
    output.result({ redriven: done }, () =>
      [
        `${counted(done.length - unsent, 'case')} sent back.`,
        ...(unsent > 0 ? [`${counted(unsent, 'case')} could not be sent; run the command again.`] : []),
        ...leftText(done),
      ].join('\n'),
    );
    return unsent > 0 ? exit.failure : exit.success;
  });
}

async function dropAll(
  { output, connection }: CommandContext,
  ids: string[],
  options: Options,
): Promise<ExitCode> {
  const connected = await connection();
  const { buckets, claimRetentionMs } = connected.resources;
  return withAllLetters(connected.deadLetters, options.most, async (letters, remove) => {
    const cases = choose(casesOf(letters), { ids, ...choiceOf(options) });
    if (!options.execute) return plan(output, 'dropped', cases);
    const dependencies = { ...connected, remove, archive: buckets.archive, claimRetentionMs };
    const done: { id: string; key: string; lettersLeft: number }[] = [];
    for (const one of cases) {
      done.push({ id: one.id, ...(await drop(one, options.note ?? '', dependencies)) });
    }
    output.result({ dropped: done }, () =>
      [
        ...done.map(({ id, key }) => `${id} dropped; its dead letters are in ${buckets.archive}/${key}.`),
        ...(done.length === 0 ? ['No case matches; nothing was dropped.'] : []),
        ...leftText(done),
      ].join('\n'),
    );
    return exit.success;
  });
}

function plan(output: CommandContext['output'], what: string, cases: readonly Case[]): ExitCode {
  output.result({ plan: cases.map(summary) }, () =>
    cases.length === 0
      ? 'No case matches.'
      : [
          table(
            ['id', 'letters', 'reason', 'object'],
            cases.map((one) => [one.id, one.letters.length, one.reason, titleOf(one)]),
          ),
          '',
          `${counted(cases.length, 'case')} would be ${what}. Add --execute to do it.`,
        ].join('\n'),
  );
  return exit.success;
}

function summary(one: Case) {
  const keys = one.objects.map(({ key }) => key);
  return { id: one.id, reason: one.reason, since: since(one), letters: one.letters.length, keys };
}

function since({ letters: [first] }: Case): string {
  return isoTime(first?.sentAt ?? 0);
}

function choiceOf({ reason, all }: Options): Omit<Choice, 'ids'> {
  return { ...(reason !== undefined && { reason }), ...(all && { all }) };
}

function leftText(done: readonly { id: string; lettersLeft: number }[]): string[] {
  return done
    .filter(({ lettersLeft }) => lettersLeft > 0)
    .map(
      ({ id, lettersLeft }) =>
        `${counted(lettersLeft, 'dead letter')} of ${visible(id)} could not be removed.`,
    );
}
