/** A month, as AWS counts it: 730 hours. */
export const DAYS = 365 / 12;
export const HOURS = 730;

/** What has to be carried. Kilobytes and gigabytes are decimal here; the difference is below the estimate's own. */
export interface Workload {
  filesPerDay: number;
  avgKb: number;
  /** Bytes of files for each byte of bundle. */
  compressRatio: number;
  /** Months that the archive has been filling. */
  months: number;
}

/** What templates do not tell. Each can be replaced by a measured value on the command line. */
export interface Assumptions {
  /** Connections by which Lambda reads a quiet queue, each gathering a batch of its own. */
  pollers: number;
  /** Attempts that fail for a reason that passes, for a million files. */
  failuresPerMillion: number;
  /** Milliseconds of an invocation before and after its files. */
  msPerInvocation: number;
  /** Milliseconds that a file adds to its invocation. */
  msPerFile: number;
  manifestBytesPerFile: number;
  ledgerBytesPerFile: number;
  logBytesPerInvocation: number;
  logBytesPerFile: number;
  /** Spans of a sampled invocation, with those that Lambda makes of it, and what they tell of each file. */
  traceBytesPerInvocation: number;
  traceBytesPerFile: number;
  accessLogBytesPerRequest: number;
  /** Metrics that functions write into their logs. */
  metricsWritten: number;
  /** Seconds between two looks of the consumer at its bucket. */
  consumerPollSeconds: number;
}

export const assumptions: Assumptions = {
  // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
  pollers: 5,
  failuresPerMillion: 100,
  msPerInvocation: 400,
  msPerFile: 8,
  manifestBytesPerFile: 300,
  ledgerBytesPerFile: 400,
  logBytesPerInvocation: 4000,
  logBytesPerFile: 10,
  traceBytesPerInvocation: 12_000,
  traceBytesPerFile: 800,
  accessLogBytesPerRequest: 500,
  // Twelve of the aggregator, three of the monitor, and a few of others. Those of large-objects exist once it has work.
  metricsWritten: 19,
  consumerPollSeconds: 60,
};

/** S3's notifications are about 2.4 KB, and Lambda takes 6 MB of them at once. */
const MAX_NOTIFICATIONS = 2500;

/** Files of an average batch: what arrives at one poller within its window, within the limits. */
export function filesPerBatch(
  { filesPerDay }: Workload,
  { pollers }: Pick<Assumptions, 'pollers'>,
  { batchSize, batchWindowSeconds }: { batchSize: number; batchWindowSeconds: number },
): number {
  const arriving = ((filesPerDay / 86_400) * batchWindowSeconds) / pollers;
  return Math.max(1, Math.min(arriving, batchSize, MAX_NOTIFICATIONS));
}

/** Gigabytes that land in a day. */
export function landingGbPerDay({ filesPerDay, avgKb }: Workload): number {
  return (filesPerDay * avgKb) / 1e6;
}

/** Gigabytes of bundles in a day. */
export function bundleGbPerDay(workload: Workload): number {
  return landingGbPerDay(workload) / workload.compressRatio;
}
