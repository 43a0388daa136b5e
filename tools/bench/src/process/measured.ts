import { join } from 'node:path';
import { BUCKETS, TABLE } from '../notify.ts';
import { startFunction } from './function-process.ts';

/** The response and the cost of one invocation. */
export interface Invocation {
  answer: unknown;
  /** CPU time of the whole process, user and system. */
  cpuMs: number;
  wallMs: number;
  /** The peak resident memory of the process so far. */
  peakBytes: number;
}

export interface MeasuredProcess {
  invoke(event: unknown): Promise<Invocation>;
  stop(): Promise<void>;
}

const handlers = join(import.meta.dirname, '../handlers');

/** The environment of an aggregator that uses the stand-in. */
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
  /** The module with the `handler` to run. */
  code: string;
  endpoint: string;
  /** Settings that differ from the function's defaults. */
  environment?: Record<string, string>;
  /** Where to write a CPU profile when the process ends. */
  profileFolder?: string | undefined;
}

/** Starts a process that measures each of its invocations. */
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
