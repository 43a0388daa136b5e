import { join } from 'node:path';
import { BUCKETS, TABLE } from '../notify.ts';
import { startFunction } from './function-process.ts';

/** What one invocation took. */
export interface Invocation {
  answer: unknown;
  /** Processor time of the whole process, user and system. */
  cpuMs: number;
  wallMs: number;
  /** The most resident memory that the process ever had. */
  peakBytes: number;
}

export interface MeasuredProcess {
  invoke(event: unknown): Promise<Invocation>;
  stop(): Promise<void>;
}

const handlers = join(import.meta.dirname, '../handlers');

/** The environment of an aggregator beside the stand-in. */
export function aggregatorEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    LANDING_BUCKET: BUCKETS.landing,
    DISTRIBUTION_BUCKET: BUCKETS.distribution,
    ARCHIVE_BUCKET: BUCKETS.archive,
    LEDGER_TABLE: TABLE,
    QUEUE_URL: `${endpoint}/000000000000/landed`,
    DEAD_LETTER_QUEUE_URL: `${endpoint}/000000000000/dead-letters`,
    CLAIM_RETENTION_DAYS: '30',
    POWERTOOLS_SERVICE_NAME: 'bench',
    POWERTOOLS_METRICS_NAMESPACE: 'bench',
  };
}

export interface Measured {
  /** The module whose `handler` is run. */
  code: string;
  endpoint: string;
  /** Settings other than the function's defaults. */
  environment?: Record<string, string>;
  /** Where to write a processor profile when the process ends. */
  profileFolder?: string | undefined;
}

/** Starts a process whose every invocation is measured from inside. */
export async function startMeasured({
  code,
  endpoint,
  environment,
  profileFolder,
}: Measured): Promise<MeasuredProcess> {
  const { invoke, stop } = await startFunction({
    codeFolder: handlers,
    handler: 'measured.handler',
    environment: { ...aggregatorEnvironment(endpoint), ...environment, BENCH_TARGET: code },
    flags: profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`],
  });
  return { invoke: async (event) => (await invoke(event)) as Invocation, stop };
}

/** The module with the floors. */
export const floorsModule = join(handlers, 'floors.ts');
