import { randomBytes } from 'node:crypto';
import { Command, Option } from 'commander';
import { REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { exit, type ExitCode, OpsError } from '@data-aggregator/operations/errors';
import { invoke, invokeUntilDone } from '../invoke/invoke.ts';
import { joinReplays, parseReplayAnswer, type ReplayAnswer, replayText } from '../invoke/replay.ts';
import { counted } from '../output.ts';
import {
  type CommonOptions,
  inContext,
  type InvokingContext,
  group,
  time,
  withCommonOptions,
  type Act,
} from './context.ts';

export interface ReplayOptions {
  from?: number;
  to?: number;
  group?: string;
  bundle?: string[];
  key?: string;
  request?: string;
  tier: string;
  execute?: true;
}
type Options = CommonOptions & ReplayOptions;

/** `replay`: builds the request and shows its plan, or executes it with `--execute`. */
export function replayCommand(act: Act): Command {
  return withCommonOptions(
    new Command('replay').description(`Delivers archived bundles again, under ${REPLAY_PREFIX}.`),
  )
    .option('--from <time>', 'bundles published from this time', time)
    .option('--to <time>', '… to this time', time)
    .option('--group <name>', '… of this group only', group)
    .option('--bundle <key...>', 'these bundles')
    .option('--key <original>', 'bundles that contain this object')
    .option('--request <id>', 'name of the request; an existing request is continued')
    .addOption(
      new Option('--tier <speed>', 'restore speed of Glacier').choices(['Bulk', 'Standard']).default('Bulk'),
    )
    .option('--execute', 'make the copies; without it, only show the plan')
    .action((options: Options) => act((around) => inContext(options, around, (to) => replay(to, options))));
}

/** @throws OpsError; by then, the result of the invocations that succeeded has been written */
export async function replay(
  { output, connection }: InvokingContext,
  options: ReplayOptions,
): Promise<ExitCode> {
  const event = eventOf(options);
  const { lambda, resources } = await connection();
  if (event.execute) {
    output.note(`Request ${event.requestId}: to continue it, run the command with --request and this name.`);
  }
  const answers: ReplayAnswer[] = [];
  const note = (answer: ReplayAnswer) => {
    answers.push(answer);
    if (answer.continuation) {
      const bundles = answers.reduce((sum, { bundles }) => sum + bundles.length, 0);
      output.note(`${counted(bundles, 'bundle')} so far; continuing.`);
    }
  };
  const show = () => {
    const joined = joinReplays(answers);
    output.result(joined, () => replayText(joined));
    return exitOf(joined.counts);
  };
  const send = (request: unknown) => invoke(lambda, resources.functions.replayer, request);
  try {
    await invokeUntilDone(send, event, parseReplayAnswer, note);
  } catch (error) {
    if (answers.length > 0) show();
    throw error;
  }
  return show();
}

/** @throws OpsError if the options select no bundles */
function eventOf({ from, to, group, bundle, key, request, tier, execute }: ReplayOptions) {
  if (from === undefined && bundle === undefined && key === undefined) {
    throw new OpsError('Select bundles with --from and --to, with --bundle, or with --key.', exit.usage);
  }
  return {
    requestId: request ?? newRequestId(Date.now()),
    tier,
    execute: execute === true,
    ...(from !== undefined && { from: new Date(from).toISOString() }),
    ...(to !== undefined && { to: new Date(to).toISOString() }),
    ...(group !== undefined && { group }),
    ...(bundle && { bundles: bundle }),
    ...(key !== undefined && { originalKey: key }),
  };
}

function newRequestId(now: number): string {
  const moment = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return `${moment}Z-${randomBytes(3).toString('hex')}`;
}

function exitOf(counts: Record<string, number>): ExitCode {
  if ((counts['failed'] ?? 0) + (counts['missing'] ?? 0) > 0) return exit.findings;
  return (counts['restoring'] ?? 0) > 0 ? exit.later : exit.success;
}
