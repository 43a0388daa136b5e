import { join } from 'node:path';
import { type BenchFile, batchesOf, files, KB, MB } from '../content.ts';
import { sqsEvent } from '../notify.ts';
import { type MeasuredProcess, startMeasured } from '../process/measured.ts';
import { median } from '../report/figures.ts';
import type { StandIn } from '../stand-in/start.ts';

/** A function that bundles the files of an SQS event. */
export interface Alternative {
  name: string;
  /** The absolute path of the module with its handler. */
  code: string;
  /** Calls to DynamoDB per file, at least. */
  writes: number;
}

/** The alternatives to an aggregator, and last the aggregator itself. */
export function alternativesTo(artifact: string): readonly Alternative[] {
  const own = (name: string) => join(import.meta.dirname, name);
  return [
    { name: 'predecessor', code: own('predecessor.ts'), writes: 2 },
    { name: 'plain function', code: own('plain.ts'), writes: 1 },
    { name: 'aggregator', code: artifact, writes: 1 },
  ];
}

export interface AlternativeWorkload {
  name: string;
  title: string;
  batches: readonly (readonly BenchFile[])[];
  /** The figures are the medians of so many runs, each in a new process. */
  runs: number;
}

export const alternativeWorkloads: readonly AlternativeWorkload[] = [
  {
    name: 'small',
    title: '1,000 × 5 KB JSON, batches of 100',
    batches: batchesOf(files(1000, 5 * KB, 'json'), 100),
    runs: 3,
  },
  { name: 'many', title: '3,000 × 5 KB JSON, one batch', batches: [files(3000, 5 * KB, 'json')], runs: 1 },
  { name: 'text', title: '10 × 20 MB compressible text', batches: [files(10, 20 * MB, 'text')], runs: 1 },
  { name: 'noise', title: '10 × 20 MB incompressible', batches: [files(10, 20 * MB, 'noise')], runs: 1 },
  {
    name: 'mixed',
    title: '5 + 5 of these in one bundle',
    batches: [files(10, 20 * MB, 'text', 'noise')],
    runs: 1,
  },
];

/** The cost of a workload for one function. */
export interface Cost {
  /** CPU time of the process, ms. */
  cpuMs: number;
  /** Time that Lambda would bill, ms. */
  billedMs: number;
  /** Peak resident memory, MB. */
  peakMb: number;
  /** Size of all bundles, bytes. */
  bundleBytes: number;
}

/** Milliseconds to the first byte of each GET. */
export const FIRST_BYTE_MS = 25;
const WARM_UP = files(100, 5 * KB, 'json');

/** Measures a workload for all functions alternately, run by run, so that noise affects all alike. */
export async function measureAlternatives(
  { batches, runs }: AlternativeWorkload,
  alternatives: readonly Alternative[],
  standIn: StandIn,
): Promise<Cost[]> {
  const costs = alternatives.map((): Cost[] => []);
  for (let run = 0; run < runs; run++) {
    for (const [index, alternative] of alternatives.entries()) {
      const measured = await startMeasured({ code: alternative.code, endpoint: standIn.endpoint });
      try {
        await bundle(WARM_UP, alternative, measured, standIn);
        costs[index]?.push(await costOf(batches, alternative, measured, standIn));
      } finally {
        await measured.stop();
      }
    }
  }
  return costs.map((samples) => ({
    cpuMs: median(samples.map(({ cpuMs }) => cpuMs)),
    billedMs: median(samples.map(({ billedMs }) => billedMs)),
    peakMb: median(samples.map(({ peakMb }) => peakMb)),
    bundleBytes: median(samples.map(({ bundleBytes }) => bundleBytes)),
  }));
}

async function costOf(
  batches: AlternativeWorkload['batches'],
  alternative: Alternative,
  measured: MeasuredProcess,
  standIn: StandIn,
): Promise<Cost> {
  const sum: Cost = { cpuMs: 0, billedMs: 0, peakMb: 0, bundleBytes: 0 };
  for (const batch of batches) {
    const { cpuMs, wallMs, peakBytes, bundleBytes } = await bundle(batch, alternative, measured, standIn);
    sum.cpuMs += cpuMs;
    sum.billedMs += wallMs;
    sum.bundleBytes += bundleBytes;
    sum.peakMb = peakBytes / MB;
  }
  return sum;
}

/**
 * Lets a function bundle a batch.
 *
 * @param keepIn folder for its bundles
 * @throws Error if it did less than its work
 */
export async function bundle(
  batch: readonly BenchFile[],
  { name, writes }: Alternative,
  measured: MeasuredProcess,
  standIn: StandIn,
  keepIn?: string,
) {
  await standIn.behave({ firstByteMs: FIRST_BYTE_MS, ...(keepIn !== undefined && { keepIn }) });
  const invocation = await measured.invoke(sqsEvent(batch));
  const tally = await standIn.tally();
  const { batchItemFailures } = invocation.answer as { batchItemFailures?: unknown[] };
  const isDone =
    batchItemFailures?.length === 0 &&
    tally.gets === batch.length &&
    tally.writes >= writes * batch.length &&
    tally.puts > 0;
  if (!isDone) {
    throw new Error(
      `${name} did not do its work for ${batch.length} files: ${tally.gets} read, ${tally.writes} calls to ` +
        `DynamoDB, ${tally.puts} objects stored`,
    );
  }
  return { ...invocation, bundleBytes: tally.bundleBytes };
}
