/** A month as AWS counts it: 730 hours. */
export const DAYS = 365 / 12;
export const HOURS = 730;

/** The load to estimate. Kilobytes and gigabytes are decimal; the difference is smaller than the error of the estimate. */
export interface Workload {
  filesPerDay: number;
  avgKb: number;
  /** Bytes of files per byte of bundle. */
  compressRatio: number;
  /** Months since the archive was created. */
  months: number;
}

/** Figures that the templates do not contain. Replace the first three by measured values on the command line. */
export interface Assumptions {
  /** Files of an average bundle, if that was measured; otherwise it follows from the batches. */
  filesPerBundle?: number;
  /** Lambda's pollers on a quiet queue, each of which collects its own batch. */
  pollers: number;
  /** Attempts per million files that fail for a temporary reason. */
  failuresPerMillion: number;
  /** Milliseconds of an invocation without its files. */
  msPerInvocation: number;
  /** Milliseconds that each file adds. */
  msPerFile: number;
  /** Of a manifest before compression, and how much smaller compression makes it. */
  manifestBytesPerFile: number;
  manifestGzipRatio: number;
  ledgerBytesPerFile: number;
  logBytesPerInvocation: number;
  logBytesPerFile: number;
  /** Bytes of spans per sampled invocation, including Lambda's own, and what each file adds to them. */
  traceBytesPerInvocation: number;
  traceBytesPerFile: number;
  accessLogBytesPerRequest: number;
  /** Number of metrics that functions and metric filters emit all the time. */
  metricsWritten: number;
  /** Seconds between two listings by a consumer that has no queue, and by one that has. */
  consumerPollSeconds: number;
  consumerSweepSeconds: number;
  receiptBytes: number;
}

export const assumptions: Assumptions = {
  // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
  pollers: 5,
  failuresPerMillion: 100,
  // Manifest, bundle and bundle record, one after another.
  msPerInvocation: 200,
  // 1.07 ms of CPU in batches of 100 (docs/performance.md), at the 0.29 vCPU of 512 MB. Reads wait at the same time.
  msPerFile: 4,
  // Both counted for keys of 46 characters: bucket and key, version, ETag, name, SHA-256 and two times; most of it repeats.
  manifestBytesPerFile: 470,
  manifestGzipRatio: 4,
  // An item of 130 bytes, 100 that DynamoDB adds, and 16 in the bundle record.
  ledgerBytesPerFile: 250,
  // Lambda's two lines, `bundle.published`, `batch.done` and the metrics: 1,500 bytes, and room for a warning.
  logBytesPerInvocation: 2000,
  logBytesPerFile: 10,
  traceBytesPerInvocation: 12_000,
  traceBytesPerFile: 800,
  accessLogBytesPerRequest: 500,
  // One from the aggregator. Those that have values only while something is wrong, and that of large-objects while it
  // has work, together count as one.
  metricsWritten: 2,
  consumerPollSeconds: 60,
  consumerSweepSeconds: 900,
  receiptBytes: 600,
};

/** Notifications are about 2.4 KB each, and a batch has at most 6 MB. */
export const MAX_NOTIFICATIONS = 2500;

/** Files in an average batch: those that arrive at one poller within the window, up to the limits. */
export function filesPerBatch(
  { filesPerDay }: Workload,
  { pollers }: Pick<Assumptions, 'pollers'>,
  { batchSize, batchWindowSeconds }: { batchSize: number; batchWindowSeconds: number },
): number {
  const arriving = ((filesPerDay / 86_400) * batchWindowSeconds) / pollers;
  return Math.max(1, Math.min(arriving, batchSize, MAX_NOTIFICATIONS));
}

/** Gigabytes of files per day. */
export function landingGbPerDay({ filesPerDay, avgKb }: Workload): number {
  return (filesPerDay * avgKb) / 1e6;
}

/** Gigabytes of bundles per day. */
export function bundleGbPerDay(workload: Workload): number {
  return landingGbPerDay(workload) / workload.compressRatio;
}
