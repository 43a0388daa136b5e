import { randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { onInterrupt } from '../backfill/interrupt.ts';
import { pointAt } from '@data-aggregator/operations/connection';
import { exit, type ExitCode, OpsError } from '@data-aggregator/operations/errors';
import { counted, createOutput, table } from '../output.ts';
import { PACES } from '../probe/assumption.ts';
import { assumptions } from '../probe/checks/index.ts';
import { dollars, priceOf, type ProbePrice } from '../probe/price.ts';
import { createClients, type Finding, type ProbeRun, runProbe } from '../probe/run.ts';
import { scratchNames } from '../probe/scratch.ts';
import { type Act, type CommonOptions, type Surroundings, withCommonOptions } from './context.ts';

interface Options extends CommonOptions {
  yes?: true;
}

/** `probe`: tests what the system assumes about AWS. */
export function probeCommand(act: Act): Command {
  return withCommonOptions(
    new Command('probe').description(
      'Tests what the system assumes about AWS, in a bucket, a table and queues of its own that it removes at the end. ' +
        'On AWS it costs a fraction of a cent, prints the price first and asks. Exit status 3: an assumption does not hold, ' +
        'could not be tested, or something could not be removed; 4: interrupted.',
    ),
  )
    .option('--yes', 'on AWS: start without a question')
    .action((options: Options) => act((around) => probe(options, around)));
}

async function probe(options: Options, around: Surroundings): Promise<ExitCode> {
  const output = createOutput(options.json === true, around);
  pointAt(options, around.env);
  using interrupt = onInterrupt();
  const clients = createClients();
  try {
    const region = await clients.s3.config.region();
    const price = priceOf(assumptions, region);
    output.note(priceText(price, region));
    if (options.target === 'aws' && !options.yes && !(await agreed(around, interrupt.signal)))
      return interrupt.signal.aborted ? exit.later : exit.success;
    const names = scratchNames(randomBytes(6).toString('hex'));
    const { note } = output;
    const pace = PACES[options.target];
    const run = await runProbe(assumptions, names, clients, { pace, signal: interrupt.signal, note });
    output.result({ target: options.target, region, price, ...run }, () => reportText(run));
    return exitOf(run);
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

function priceText({ usd, region, lines }: ProbePrice, where: string): string {
  const rows = lines.map(({ area, what, quantity, unit, usd }) => [
    `${area}: ${what}`,
    `${Number(quantity.toPrecision(3))} × ${unit}`,
    dollars(usd),
  ]);
  return `${table(['Price at most', 'units', 'USD'], rows)}\nTogether ${dollars(usd)} USD at most in ${where}, at the prices of ${region}.`;
}

async function agreed({ ask }: Surroundings, signal: AbortSignal): Promise<boolean> {
  if (!ask)
    throw new OpsError(
      'Standard input is not a terminal: add --yes to start without a question.',
      exit.usage,
    );
  const answer = await ask('Start? (y/N) ', signal);
  return /^y(es)?$/i.test(answer.trim());
}

function reportText({ findings, interrupted, leftovers }: ProbeRun): string {
  const rows = findings.map(({ name, outcome, observed }) => [name, outcome.replace('-', ' '), observed]);
  const notHeld = findings.filter(({ outcome }) => outcome !== 'held');
  return [
    table(['check', 'result', 'observed'], rows),
    ...notHeld.map(({ name, assumption, source }) => `\n${name}: ${assumption}\n  ${source}`),
    ...leftovers.map(({ resource, why }) => `\nRemove ${resource} yourself: ${why}`),
    `\n${summaryOf(findings)}${interrupted ? ' Interrupted: the other checks did not run.' : ''}`,
  ].join('\n');
}

function summaryOf(findings: readonly Finding[]): string {
  const of = (wanted: Finding['outcome']) => findings.filter(({ outcome }) => outcome === wanted).length;
  return `${counted(of('held'), 'assumption')} held, ${of('not-held')} did not, ${of('not-tested')} could not be tested.`;
}

/** The exit status of a run. */
export function exitOf({ findings, interrupted, leftovers }: ProbeRun): ExitCode {
  if (leftovers.length > 0 || findings.some(({ outcome }) => outcome !== 'held')) return exit.findings;
  return interrupted ? exit.later : exit.success;
}
