import { type Line, line } from '../line.ts';
import { DAYS } from '../workload.ts';
import type { Design, Estimate, LargeAssumptions, LargeObjects } from './design.ts';

/*
 * Objects that are too large for a batch: one bundle each, by one of three routes.
 *
 *     whole   the bundle fits into memory: one PUT
 *     parts   create an upload, send parts of at least 8 MiB while the object is read, complete
 *     copy    create an upload, send the header with the first 5 MiB, copy ranges of at least 1 GiB inside S3, send the end,
 *             complete; the bundle is not compressed
 */
export type Route = 'whole' | 'parts' | 'copy';

export const largeAssumptions: LargeAssumptions = {
  // The estimate with which the function starts: libs/bundling/src/time-budget.ts.
  streamMbPerSecond: 20,
  // 64 ranges at once, of 90 MB/s each.
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html
  copyMbPerSecond: 64 * 90,
};

/** What one object uses on a route. */
export interface Usage {
  /** GET and HEAD requests to landing. */
  reads: number;
  /** PUT, create and complete requests. */
  puts: number;
  parts: number;
  copiedParts: number;
  /** Of an invocation. */
  seconds: number;
  bundleGb: number;
}

const MB = 1e6;
const GB = 1e9;
const MEMORY_BYTES = 96 * 1024 ** 2;
const PART_BYTES = 8 * 1024 ** 2;
const FIRST_BYTES = 5 * 1024 ** 2;
const COPIED_RANGE_BYTES = 1024 ** 3;
const MAX_PARTS = 10_000;
/** Of an invocation, without the object: claim, manifest, bundle record. */
const SECONDS_PER_BUNDLE = 0.5;
/** The share of an invocation that may be spent on streaming. */
const STREAMING_SHARE = 0.8;
/** Of the external party, which uploads in parts of this size. Source: "multipart_chunksize", AWS CLI S3 configuration. */
const UPLOADED_PART_BYTES = 8 * 1024 ** 2;
/** A notification goes through two queues: the aggregator forwards it. Each sends, receives and deletes it. */
const QUEUE_CALLS = 6;
/** Claim, record of the upload, bundle record. */
const LEDGER_WRITES = 3;

/** The route of an object: it is copied if no invocation could stream it. */
export function routeOf(
  gb: number,
  { large }: Design,
  { streamMbPerSecond }: LargeAssumptions,
): 'stream' | 'copy' {
  return (gb * GB) / MB / streamMbPerSecond > STREAMING_SHARE * large.timeoutSeconds ? 'copy' : 'stream';
}

/** What an object uses if it is streamed or copied. @param gb its size */
export function usageOf(
  how: 'stream' | 'copy',
  { gb, compressRatio }: Pick<LargeObjects, 'gb' | 'compressRatio'>,
  { streamMbPerSecond, copyMbPerSecond }: LargeAssumptions,
): Usage & { route: Route } {
  const bytes = gb * GB;
  if (how === 'copy') {
    const range = Math.max(COPIED_RANGE_BYTES, bytes / (MAX_PARTS - 2));
    return {
      route: 'copy',
      // HEAD, and GET of the first bytes
      reads: 2,
      // Create and complete
      puts: 2,
      // The first and the last
      parts: 2,
      copiedParts: Math.ceil(Math.max(0, bytes - FIRST_BYTES) / range),
      seconds: SECONDS_PER_BUNDLE + bytes / MB / copyMbPerSecond,
      bundleGb: gb,
    };
  }
  const bundleBytes = bytes / compressRatio;
  const isWhole = bundleBytes <= MEMORY_BYTES;
  return {
    route: isWhole ? 'whole' : 'parts',
    reads: 1,
    puts: isWhole ? 1 : 2,
    parts: isWhole ? 0 : Math.ceil(bundleBytes / Math.max(PART_BYTES, bytes / MAX_PARTS)),
    copiedParts: 0,
    seconds: SECONDS_PER_BUNDLE + bytes / MB / streamMbPerSecond,
    bundleGb: gb / compressRatio,
  };
}

/** The lines that depend on the route. @param count objects per month */
export function routeLines(usage: Usage, count: number, { workload, design, prices }: Estimate): Line[] {
  const { reads, puts, parts, copiedParts, seconds, bundleGb } = usage;
  const gb = bundleGb * count;
  const keptDays = Math.min(workload.months * DAYS, design.archiveDays);
  const firstDays = Math.min(design.deepArchiveAfterDays, keptDays);
  const isInstant = design.archiveClass === 'GLACIER_IR';
  const put = (what: string, each: number) =>
    line('Large objects', what, each * count, prices.s3PutPer1000, 1000);
  return [
    line('Large objects', 'reads of landing', reads * count, prices.s3GetPer1000, 1000),
    put('create and complete, or PUT', puts),
    put('parts sent', parts),
    put('parts copied inside S3', copiedParts),
    // Assumed to be replicated in the same parts.
    line(
      'Large objects',
      'replicas',
      (puts + parts + copiedParts) * count,
      isInstant ? prices.s3InstantPutPer1000 : prices.s3PutPer1000,
      1000,
    ),
    line(
      'Large objects',
      'bundling',
      seconds * (design.large.memoryMb / 1024) * count,
      prices.lambdaArmGbSecond,
    ),
    line(
      'Large objects',
      'storage of bundles',
      (gb / DAYS) * (design.distributionDays + (isInstant ? 0 : firstDays)),
      prices.s3StandardGbMonth,
    ),
    line(
      'Large objects',
      'bundles, in Instant Retrieval',
      isInstant ? (gb / DAYS) * firstDays : 0,
      prices.s3InstantGbMonth,
    ),
    line(
      'Large objects',
      'bundles, in Deep Archive',
      (gb / DAYS) * (keptDays - firstDays),
      prices.s3DeepArchiveGbMonth,
    ),
    line('Large objects', 'transfer to the consumer', gb, prices.transferOutGb),
  ];
}

/** All lines of large objects; none if there are none. */
export function largeObjectLines(estimate: Estimate): Line[] {
  const { large, design, prices } = estimate;
  if (large === undefined || large.perDay === 0) return [];
  const { perDay, gb } = large;
  const count = perDay * DAYS;
  const usage = usageOf(routeOf(gb, design, large), large, large);
  const uploads = Math.ceil((gb * GB) / UPLOADED_PART_BYTES) + 2;
  return [
    line('Large objects', 'uploads, in parts', uploads * count, prices.s3PutPer1000, 1000),
    line('Large objects', 'storage in landing', gb * perDay * design.landingDays, prices.s3StandardGbMonth),
    line('Large objects', 'manifests', count, prices.s3PutPer1000, 1000),
    line('Large objects', 'notifications', QUEUE_CALLS * count, prices.sqsPerMillion, 1e6),
    line('Large objects', 'ledger writes', LEDGER_WRITES * count, prices.dynamoWritePerMillion, 1e6),
    line('Large objects', 'invocations', count, prices.lambdaRequestsPerMillion, 1e6),
    ...routeLines(usage, count, estimate),
  ];
}
