import { Command } from 'commander';
import { preview, run } from '../backfill/run.ts';
import { onInterrupt } from '../backfill/interrupt.ts';
import { showProgress } from '../backfill/progress.ts';
import { type BackfillReport, hasFindings, reportText } from '../backfill/report.ts';
import { exit, type ExitCode, OpsError } from '@data-aggregator/operations/errors';
import {
  type Act,
  type CommandContext,
  type CommonOptions,
  count,
  inContext,
  type Surroundings,
  time,
  withCommonOptions,
} from './context.ts';

interface Options extends CommonOptions {
  prefix: string;
  from?: number;
  to?: number;
  currentOnly?: true;
  neverDelivered?: true;
  includeArchived?: true;
  check?: true;
  execute?: true;
  rate: number;
  maxBacklog: number;
  checkpoint?: string;
  resume?: true;
}

/** Half of the burst that the pipeline is built for, so that live files keep the other half. */
const RATE = 50;
/** Messages that delay live files by 20 seconds at a hundred files per second. */
const MAX_BACKLOG = 2_000;

/** `backfill`: estimates the backfill of existing objects, and enqueues them with `--execute`. */
export function backfillCommand(act: Act): Command {
  return withCommonOptions(
    new Command('backfill').description(
      'Delivers objects that are already in the landing bucket. Counts them and estimates cost and time; ' +
        'with --execute, enqueues those that were not delivered, at a limited rate. ' +
        'After Ctrl-C the exit status is 4: continue with --resume.',
    ),
  )
    .requiredOption('--prefix <prefix>', 'start of the keys; "" for the whole bucket')
    .option('--from <time>', 'only versions that landed from this time', time)
    .option('--to <time>', '… before this time; default: now', time)
    .option('--current-only', 'only the current version of each key; default: all versions')
    .option(
      '--never-delivered',
      'include versions from before the oldest manifest; you confirm that none of them was delivered',
    )
    .option('--include-archived', 'include versions in Glacier or Deep Archive; restore them first')
    .option('--check', 'without --execute: look each version up, for an exact count')
    .option('--execute', 'enqueue them; without it, only count and estimate')
    .option('--rate <n>', 'maximum number of versions per second', count, RATE)
    .option('--max-backlog <n>', 'pause while more messages wait in the queue', count, MAX_BACKLOG)
    .option('--checkpoint <file>', 'where progress is saved; default: backfill-<env>.checkpoint.json')
    .option('--resume', 'continue an interrupted run from its checkpoint')
    .action((options: Options) =>
      act((around) => inContext(options, around, (to) => backfill(to, options, around))),
    );
}

async function backfill(
  { output, connection }: CommandContext,
  options: Options,
  around: Surroundings,
): Promise<ExitCode> {
  const { from, to, execute, resume, check, json, env } = options;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new OpsError('A range needs --from and a later --to.', exit.usage);
  }
  if (execute ? check : resume) {
    throw new OpsError('--check is for a preview; --resume needs --execute.', exit.usage);
  }
  using interrupt = onInterrupt();
  const connected = await connection();
  const progress = showProgress(around.err, around.terminal);
  const settings = { ...options, file: options.checkpoint ?? `backfill-${env}.checkpoint.json` };
  const surroundings = { progress, signal: interrupt.signal, note: output.note };
  const report = await (execute ? run : preview)(settings, surroundings, connected).finally(progress.stop);
  around.out(`${json ? JSON.stringify(report) : reportText(report)}\n`);
  if (execute && !report.done) output.note('Stopped. Continue with the same command and --resume.');
  return exitOf(report);
}

function exitOf({ done, counts }: BackfillReport): ExitCode {
  if (!done) return exit.later;
  return hasFindings(counts) ? exit.findings : exit.success;
}
