import type { Prices } from '../prices.ts';
import type { Assumptions, Workload } from '../workload.ts';

/** The input of every line. */
export interface Estimate {
  workload: Workload;
  design: Design;
  assumptions: Assumptions;
  prices: Prices;
  /** Undefined if there are no large objects. */
  large?: (LargeObjects & LargeAssumptions) | undefined;
}

/** The load of large objects. */
export interface LargeObjects {
  perDay: number;
  /** Average size in gigabytes. */
  gb: number;
  /** Bytes of an object per byte of its bundle, if it is streamed. */
  compressRatio: number;
}

/** Figures that the templates do not contain. Replace them by measured values on the command line. */
export interface LargeAssumptions {
  /** How fast an invocation reads, compresses and sends. */
  streamMbPerSecond: number;
  /** How fast S3 copies ranges for one invocation, all together. */
  copyMbPerSecond: number;
}

/** The parts of a design that determine its cost, read from its templates. */
export interface Design {
  /** Of the event source mapping that delivers notifications of new files. */
  batchSize: number;
  batchWindowSeconds: number;
  memoryMb: number;
  /** The function that bundles large objects. */
  large: { memoryMb: number; timeoutSeconds: number };
  /** Number of queues that Lambda polls. */
  queues: number;
  /** Whether a queue tells the consumer about new bundles. Such a consumer lists rarely, reads manifests and stores receipts. */
  readyQueue: boolean;
  /** Writes to the ledger per file and per bundle. */
  writesPerFile: number;
  writesPerBundle: number;
  /** Days for which a landed object is paid, including its time as a noncurrent version. */
  landingDays: number;
  /** Days for which a collected bundle is still paid. */
  distributionDays: number;
  /** Storage class of replicas. */
  archiveClass: 'STANDARD' | 'GLACIER_IR';
  /** Whether manifests are compressed. */
  gzipManifests: boolean;
  /** Days before an archived bundle moves to Deep Archive; infinite if never. */
  deepArchiveAfterDays: number;
  /** Days until archived bundles and manifests expire; infinite if never. */
  archiveDays: number;
  accessLogDays: number;
  /** Whether S3 logs the requests to landing, which are nearly all requests. */
  landingAccessLogs: boolean;
  claimDays: number;
  pointInTimeRecovery: boolean;
  logDays: number;
  /** Scheduled functions: invocations per month and memory. */
  scheduled: readonly { invocations: number; memoryMb: number }[];
  /** Metrics that alarms watch: CloudWatch charges an alarm on an expression for each metric in it. */
  alarmMetrics: number;
  compositeAlarms: number;
  dashboards: number;
  /** Whether functions send spans to X-Ray. */
  tracing: boolean;
  /** Interface endpoints, counted per availability zone. */
  endpointZones: number;
}

/**
 * The predecessor's design: bundles of at most 100 files, two ledger writes per file (in progress and completed), a consumer
 * that lists, and interface endpoints for SQS and KMS in two zones. Everything unknown about it is assumed to equal our design.
 */
export function predecessorOf(design: Design): Design {
  return {
    ...design,
    batchSize: Math.min(design.batchSize, 100),
    queues: 1,
    readyQueue: false,
    writesPerFile: 2,
    writesPerBundle: 0,
    endpointZones: 2 * 2,
  };
}

/** Days that can be infinite, which JSON has no number for. */
const MAY_BE_INFINITE = ['deepArchiveAfterDays', 'archiveDays', 'landingDays', 'distributionDays'] as const;

/** Name of the file with a design, in the folder of the templates. */
export const DESIGN_FILE = 'cost-design.json';

/** A design as JSON. Synthesis writes it next to the templates that it was read from. */
export function designText(design: Design): string {
  return `${JSON.stringify(design, undefined, 2)}\n`;
}

/** Reads what `designText` wrote: an infinite number of days is null there. */
export function parseDesign(text: string): Design {
  const design = JSON.parse(text) as Design;
  const infinite = MAY_BE_INFINITE.filter((name) => design[name] === null);
  return { ...design, ...Object.fromEntries(infinite.map((name) => [name, Infinity])) };
}
