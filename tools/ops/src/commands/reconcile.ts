import { Command } from 'commander';
import { exit, type ExitCode, OpsError } from '@data-aggregator/operations/errors';
import { invoke, invokeUntilDone } from '../invoke/invoke.ts';
import {
  joinReconciles,
  parseReconcileAnswer,
  type ReconcileAnswer,
  reconcileText,
} from '../invoke/reconcile.ts';
import { counted } from '../output.ts';
import {
  type CommonOptions,
  inContext,
  type InvokingContext,
  time,
  withCommonOptions,
  type Act,
} from './context.ts';

export interface ReconcileOptions {
  from?: number;
  to?: number;
  neverDelivered?: true;
  execute?: true;
}
type Options = CommonOptions & ReconcileOptions;

/** `reconcile`: counts lost objects, and requeues them with `--execute`. */
export function reconcileCommand(act: Act): Command {
  return withCommonOptions(
    new Command('reconcile').description(
      'Finds landed objects that are in no bundle, and requeues them with --execute.',
    ),
  )
    .option('--from <time>', 'landed from this time; default: as far back as the ledger reaches', time)
    .option('--to <time>', '… to this time; default: a few minutes ago', time)
    .option(
      '--never-delivered',
      'include objects older than the ledger; you confirm that none of them was delivered',
    )
    .option('--execute', 'requeue them; without it, only count them')
    .action((options: Options) =>
      act((around) => inContext(options, around, (to) => reconcile(to, options))),
    );
}

/** @throws OpsError; by then, the result of the invocations that succeeded has been written */
export async function reconcile(
  { output, connection }: InvokingContext,
  options: ReconcileOptions,
): Promise<ExitCode> {
  const { from, to, neverDelivered, execute } = options;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new OpsError('A range needs --from and a later --to.', exit.usage);
  }
  const event = {
    dryRun: execute !== true,
    neverDelivered: neverDelivered === true,
    ...(from !== undefined && { from: new Date(from).toISOString() }),
    ...(to !== undefined && { to: new Date(to).toISOString() }),
  };
  const { lambda, resources } = await connection();
  const answers: ReconcileAnswer[] = [];
  const note = (answer: ReconcileAnswer) => {
    if (answer.refused) throw refusalOf(answer.refused);
    answers.push(answer);
    const listed = answers.reduce((sum, { counts }) => sum + (counts['listed'] ?? 0), 0);
    if (answer.continuation) output.note(`${counted(listed, 'version')} checked so far; continuing.`);
  };
  const show = () => {
    const joined = joinReconciles(answers);
    output.result(joined, () => reconcileText(joined, execute === true));
    return joined;
  };
  const send = (request: unknown) => invoke(lambda, resources.functions.reconciler, request);
  try {
    await invokeUntilDone(send, event, parseReconcileAnswer, note);
  } catch (error) {
    if (answers.length > 0) show();
    throw error;
  }
  const joined = show();
  const n = (kind: string) => joined.counts[kind] ?? 0;
  const left = execute ? n('unsent') : n('lost');
  return left + n('undecided') + n('unversioned') > 0 ? exit.findings : exit.success;
}

function refusalOf({ reason, detail }: NonNullable<ReconcileAnswer['refused']>): OpsError {
  return reason === 'too-recent'
    ? new OpsError(detail, exit.later)
    : new OpsError(`${detail} If none of them was, add --never-delivered.`, exit.usage);
}
