import { resolve } from 'node:path';
import { assumptions } from '@data-aggregator/cost-model';
import { carefulTimes, CapacityError } from '@data-aggregator/cost-model/capacity';
import { Failure, parseCommandLine, runProgram, wholeNumber } from '@data-aggregator/pipeline-client';
import { collectGarbage } from '@data-aggregator/shared-processing/testing';
import { stderr, stdout } from '@data-aggregator/terminal';
import { createProgress } from '../commands/progress.ts';
import { Option } from 'commander';
import { duration, positive } from './flags.ts';
import { type LoadReport, reportOf } from './report.ts';
import { runLoad } from './run-load.ts';
import {
  awsTimes,
  deployedSettings,
  environmentSettings,
  fittingSettings,
  type LoadSettings,
} from './settings.ts';

/* node tools/simulator/src/load/command.ts: what `nx run simulator:load` runs; see --help. */

interface Flags {
  filesPerSecond: number;
  minutes: number;
  burst: number;
  avgKb: number;
  compressRatio: number;
  outage: number;
  envFile?: string;
  asDeployed?: boolean;
  pollers: number;
  msPerFile: number;
  eachStandsFor?: number;
  seed: number;
  json?: boolean;
}

/** The burst for which `infra:capacity` chooses settings unless told otherwise. */
const PLANNED_BURST = 10;
/** Simulated files in a second that take an hour about as long as a few minutes do in reality. */
const SIMULATED_PER_SECOND = 500;
/** One invocation in ten thousand dies, and one message in a hundred thousand is delivered twice. */
const DEATHS = 1e-4;
const REPEATS = 1e-5;

const MINUTES_BETWEEN_COLLECTIONS = 10;

await runProgram(async () => {
  const parsed = parseCommandLine<Flags>(process.argv.slice(2), stdout.write, (command, accept) =>
    command
      .name('load')
      .description(
        'Runs the aggregator and the ledger in simulated time against S3, SQS, DynamoDB and Lambda with their documented limits, and reports ' +
          'how long files take, what piles up in an outage of the ledger, and what the requests cost.\n\n' +
          'Exit code: 0 if every file was delivered exactly once, 1 otherwise, 2 if the input is unusable.',
      )
      .option('--files-per-second <rate>', 'files that land', positive, 10)
      .option('--minutes <n>', 'minutes in which files land', positive, 60)
      .option('--burst <factor>', 'in every tenth minute, so many times as many files land', positive, 1)
      .option('--avg-kb <kilobytes>', 'file size in KB', positive, 5)
      .option('--compress-ratio <ratio>', 'bytes of files per byte of bundle', positive, 4)
      .addOption(
        new Option('--outage <duration>', 'outage of the ledger in the middle: none, 30s, 20m')
          .argParser(duration)
          .default(20 * 60, '20m'),
      )
      .addOption(
        new Option(
          '--env-file <file>',
          'settings of an environment, as `infra:capacity --apply` writes it; unless given, those that infra:capacity chooses',
        ).conflicts('asDeployed'),
      )
      .option('--as-deployed', 'settings of apps/aggregator/function.json, whatever the load')
      .option('--pollers <n>', "Lambda's pollers of a quiet queue", positive, assumptions.pollers)
      .option('--ms-per-file <ms>', 'time of the function for each file', positive, carefulTimes.msPerFile)
      .option(
        '--each-stands-for <n>',
        `files that land together, share a message and count as one; by default so many that ${SIMULATED_PER_SECOND} a second are simulated`,
        positive,
      )
      .option('--seed <n>', 'a seed always gives the same result', wholeNumber, 1)
      .option('--json', 'print the result as JSON on the last line of standard output')
      .action(accept),
  );
  return parsed.kind === 'done' ? parsed.exitCode : main(parsed.request);
});

async function main(flags: Flags): Promise<number> {
  const { filesPerSecond, minutes, burst, avgKb, compressRatio, outage, pollers, msPerFile, seed } = flags;
  if (outage >= minutes * 60)
    throw new Failure('The outage must be shorter than the run: see --minutes and --outage.');
  const load = { filesPerSecond, minutes, burst, avgKb };
  const settings = await settingsOf(flags);
  const eachStandsFor = flags.eachStandsFor ?? Math.ceil(filesPerSecond / SIMULATED_PER_SECOND);
  const began = performance.now();
  const progress = showProgress(minutes);
  const heap: LoadReport['heap'] = [];
  const result = await runLoad({
    ...load,
    ...{ compressRatio, settings, pollers, eachStandsFor, seed },
    outageSeconds: outage,
    times: { ...awsTimes, msPerFile },
    collectsAhead: false,
    deaths: DEATHS,
    repeats: REPEATS,
    onProgress: (minute, landed, delivered) => {
      progress(minute, landed, delivered);
      if (minute % MINUTES_BETWEEN_COLLECTIONS === 0 && minute <= minutes)
        heap.push({ minute, mb: usedHeapMb() });
    },
  });
  const report: LoadReport = {
    load,
    settings,
    eachStandsFor,
    seed,
    ...result,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    cpuSeconds: cpuSeconds(),
    heap,
    peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  (flags.json ? stderr : stdout).write(`${reportOf(report)}\n`);
  if (flags.json) stdout.write(`${JSON.stringify(report)}\n`);
  return result.delivered === result.files && result.duplicated === 0 ? 0 : 1;
}

async function settingsOf({
  envFile,
  asDeployed,
  filesPerSecond,
  burst,
  avgKb,
  compressRatio,
}: Flags): Promise<LoadSettings> {
  if (envFile !== undefined) return environmentSettings(resolve(envFile));
  if (asDeployed) return deployedSettings();
  try {
    return fittingSettings({ filesPerSecond, burst: Math.max(burst, PLANNED_BURST), avgKb, compressRatio });
  } catch (error) {
    if (error instanceof CapacityError) throw new Failure(error.message, { cause: error });
    throw error;
  }
}

function showProgress(minutes: number): (minute: number, landed: number, delivered: number) => void {
  const progress = createProgress();
  return (minute, landed, delivered) => {
    const files = `${landed.toLocaleString('en')} files landed, ${delivered.toLocaleString('en')} delivered`;
    progress(`minute ${minute} of ${minutes}: ${files}`);
  };
}

/** After a garbage collection. */
function usedHeapMb(): number {
  collectGarbage();
  return Math.round(process.memoryUsage().heapUsed / 1e6);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1e5) / 10;
}
