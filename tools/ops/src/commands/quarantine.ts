import { visible } from '@data-aggregator/terminal';
import { Command } from 'commander';
import { exit, type ExitCode } from '@data-aggregator/operations/errors';
import type { Connection } from '@data-aggregator/operations/connection';
import { onInterrupt } from '../backfill/interrupt.ts';
import { counted, isoTime, table } from '../output.ts';
import {
  type Case,
  caseOf,
  casesOf,
  changeEach,
  type Choice,
  choose,
  type DeadLetters,
  drop,
  type ReceivedLetter,
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

/** What the commands need of a connection. */
export interface QuarantineContext extends Pick<CommandContext, 'output'> {
  signal: AbortSignal;
  connection: () => Promise<
    Pick<Connection, 'clock' | 'random' | 'resources' | 'store' | 'table' | 'queue' | 'deadLetters'>
  >;
}

export interface QuarantineOptions extends Omit<Choice, 'ids'> {
  most: number;
  execute?: true;
  note?: string;
}
type Options = CommonOptions & QuarantineOptions;

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

  const run = (options: Options, work: (context: QuarantineContext) => Promise<ExitCode>) =>
    act((around) =>
      inContext(options, around, async (to) => {
        using interrupt = onInterrupt();
        return await work({ ...to, signal: interrupt.signal });
      }),
    );

  sub('list', 'Lists reasons with counts, then each case once, however many dead letters it has.')
    .option('--reason <word>', 'only cases with this reason')
    .action((options: Options) => run(options, (context) => list(context, options)));
  sub('show <id>', 'Shows one case with all its dead letters.').action((id: string, options: Options) =>
    run(options, (context) => show(context, id, options)),
  );
  const chosen = (words: string, description: string) =>
    sub(words, description)
      .option('--reason <word>', 'all cases with this reason')
      .option('--all', 'all cases')
      .option('--execute', 'make the change; without it, only show what would change');
  chosen('redrive [ids...]', 'Sends cases back to the queue. Fix the cause first.').action(
    (ids: string[], options: Options) => run(options, (context) => redriveAll(context, ids, options)),
  );
  chosen('drop [ids...]', 'Gives up cases for good. The archive keeps their dead letters and the note.')
    .requiredOption('--note <text>', 'why they are dropped; stored in the archive')
    .action((ids: string[], options: Options) => run(options, (context) => dropAll(context, ids, options)));
  return command;
}

export async function list(
  { output, signal, connection }: QuarantineContext,
  { reason, most }: QuarantineOptions,
): Promise<ExitCode> {
  const { deadLetters } = await connection();
  const show = async (letters: ReceivedLetter[], _remove: unknown, mayHaveMore: boolean) => {
    const cases = casesOf(letters).filter((one) => reason === undefined || one.reason === reason);
    const reasons = Object.entries(Object.groupBy(cases, (one) => one.reason)).map(([word, of = []]) => ({
      reason: word,
      cases: of.length,
      letters: of.reduce((sum, one) => sum + one.letters.length, 0),
    }));
    output.result({ reasons, cases: cases.map(summary), mayBeMore: mayHaveMore }, () =>
      cases.length === 0
        ? [
            reason === undefined
              ? 'The quarantine is empty, unless another reader hides its dead letters.'
              : 'No case matches.',
            ...moreText(mayHaveMore, letters),
          ].join('\n')
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
            ...moreText(mayHaveMore, letters),
          ].join('\n'),
    );
    return exit.success;
  };
  return withAllLetters(deadLetters, most, show, signal);
}

async function show(
  { output, signal, connection }: QuarantineContext,
  id: string,
  { most }: Options,
): Promise<ExitCode> {
  const { deadLetters } = await connection();
  const find = async (letters: ReceivedLetter[]) => {
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
  };
  return withAllLetters(deadLetters, most, find, signal);
}

export async function redriveAll(
  context: QuarantineContext,
  ids: string[],
  options: QuarantineOptions,
): Promise<ExitCode> {
  const connected = await context.connection();
  const change = (one: Case, remove: DeadLetters['remove']) => redrive(one, { ...connected, remove });
  return changeCases(context, ids, options, {
    change,
    failed: ({ sent, lettersLeft }) => !sent || lettersLeft > 0,
    name: 'redriven',
    would: 'sent back',
    text: (done) => {
      const unsent = done.filter(({ sent }) => !sent).length;
      return [
        `${counted(done.length - unsent, 'case')} sent back.`,
        ...(unsent > 0 ? [`${counted(unsent, 'case')} could not be sent; run the command again.`] : []),
        ...leftText(done.filter(({ sent }) => sent)),
      ];
    },
  });
}

export async function dropAll(
  context: QuarantineContext,
  ids: string[],
  options: QuarantineOptions,
): Promise<ExitCode> {
  const connected = await context.connection();
  const { buckets, claimRetentionMs } = connected.resources;
  const dependencies = { ...connected, archive: buckets.archive, claimRetentionMs };
  const change = (one: Case, remove: DeadLetters['remove']) =>
    drop(one, options.note ?? '', { ...dependencies, remove });
  return changeCases(context, ids, options, {
    change,
    failed: ({ lettersLeft }) => lettersLeft > 0,
    name: 'dropped',
    would: 'dropped',
    text: (done) => [
      ...done.map(({ id, key }) => `${id} dropped; its dead letters are in ${buckets.archive}/${key}.`),
      ...(done.length === 0 ? ['Nothing was dropped.'] : []),
      ...leftText(done),
    ],
  });
}

/** A command that changes cases, one after the other. */
interface CaseChange<R> {
  change: (one: Case, remove: DeadLetters['remove']) => Promise<R>;
  /** Whether some dead letters remain. */
  failed: (result: R) => boolean;
  /** In the result: the cases that were changed. */
  name: string;
  would: string;
  text: (done: readonly (R & { id: string })[]) => string[];
}

/** Shows the plan, or makes the change. Whatever ends it early, the result says which cases were changed. */
async function changeCases<R extends object>(
  { output, signal, connection }: QuarantineContext,
  ids: string[],
  options: QuarantineOptions,
  { change, failed, name, would, text }: CaseChange<R>,
): Promise<ExitCode> {
  const { deadLetters } = await connection();
  const work = async (letters: ReceivedLetter[], remove: DeadLetters['remove'], mayBeMore: boolean) => {
    const cases = choose(casesOf(letters), { ids, ...choiceOf(options) });
    const more = moreText(mayBeMore, letters);
    if (!options.execute) return plan(output, would, cases, mayBeMore, more);
    const changes = await changeEach(cases, (one) => change(one, remove), signal);
    const done = changes.done.map(({ case: { id }, result }) => ({ id, ...result }));
    const left = cases.slice(done.length).map(({ id }) => id);
    output.result({ [name]: done, left, mayBeMore }, () =>
      [
        ...(cases.length === 0 ? ['No case matches.'] : text(done)),
        ...(left.length > 0
          ? [`Stopped before ${ids.length > 0 ? left.join(' ') : counted(left.length, 'more case')}.`]
          : []),
        ...more,
      ].join('\n'),
    );
    if (changes.failed) throw changes.failed.error;
    if (done.some(failed)) return exit.failure;
    return left.length > 0 || (mayBeMore && ids.length === 0) ? exit.later : exit.success;
  };
  return withAllLetters(deadLetters, options.most, work, signal);
}

function plan(
  output: CommandContext['output'],
  would: string,
  cases: readonly Case[],
  mayBeMore: boolean,
  more: readonly string[],
): ExitCode {
  output.result({ plan: cases.map(summary), mayBeMore }, () =>
    [
      ...(cases.length === 0
        ? ['No case matches.']
        : [
            table(
              ['id', 'letters', 'reason', 'object'],
              cases.map((one) => [one.id, one.letters.length, one.reason, titleOf(one)]),
            ),
            '',
            `${counted(cases.length, 'case')} would be ${would}. Add --execute to do it.`,
          ]),
      ...more,
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

function choiceOf({ reason, all }: QuarantineOptions): Omit<Choice, 'ids'> {
  return { ...(reason !== undefined && { reason }), ...(all && { all }) };
}

function moreText(mayHaveMore: boolean, { length }: readonly ReceivedLetter[]): string[] {
  return mayHaveMore
    ? ['', `There may be more: only ${counted(length, 'dead letter')} could be read (--most).`]
    : [];
}

function leftText(done: readonly { id: string; lettersLeft: number }[]): string[] {
  return done
    .filter(({ lettersLeft }) => lettersLeft > 0)
    .map(
      ({ id, lettersLeft }) =>
        `${counted(lettersLeft, 'dead letter')} of ${visible(id)} could not be removed.`,
    );
}
