import { type Line, line } from '../line.ts';
import { bundleGbPerDay, DAYS, filesPerBatch, landingGbPerDay } from '../workload.ts';
import type { Estimate } from './design.ts';

/** The smallest object that Glacier Instant Retrieval bills, in bytes. */
const INSTANT_MINIMUM = 131_072;
/** Bytes that Deep Archive adds per object: an index billed as Deep Archive, and a name billed as Standard. */
const DEEP_ARCHIVE_INDEX = 32_768;
const DEEP_ARCHIVE_NAME = 8_192;
const GB = 1e9;

/** Arriving files. The owner of the bucket pays for their PUTs. Expiration by lifecycle is free. */
export function landingLines({ workload, design, prices }: Estimate): Line[] {
  const files = workload.filesPerDay * DAYS;
  return [
    line('S3 landing', 'uploads', files, prices.s3PutPer1000, 1000),
    line('S3 landing', 'reads', files, prices.s3GetPer1000, 1000),
    line('S3 landing', 'storage', landingGbPerDay(workload) * design.landingDays, prices.s3StandardGbMonth),
  ];
}

/** Bundles that wait for the consumer, and their versions after it collected them. DELETE is free. */
export function distributionLines({ workload, design, assumptions, prices }: Estimate): Line[] {
  const bundles = bundlesPerMonth(workload, assumptions, design);
  const { consumerPollSeconds, consumerSweepSeconds } = assumptions;
  const looks = (86_400 / (design.readyQueue ? consumerSweepSeconds : consumerPollSeconds)) * DAYS;
  const gb = bundleGbPerDay(workload);
  return [
    line('S3 distribution', 'bundles stored', bundles, prices.s3PutPer1000, 1000),
    line('S3 distribution', 'bundles taken', bundles, prices.s3GetPer1000, 1000),
    line('S3 distribution', "consumer's listings", looks, prices.s3PutPer1000, 1000),
    line('S3 distribution', 'storage', gb * design.distributionDays, prices.s3StandardGbMonth),
  ];
}

/**
 * Replicas of all bundles, manifests, and receipts. Storage grows until they expire. The consumer reads each manifest, and the
 * distribution monitor each receipt.
 */
export function archiveLines({ workload, design, assumptions, prices }: Estimate): Line[] {
  const bundles = bundlesPerMonth(workload, assumptions, design);
  const keptDays = Math.min(workload.months * DAYS, design.archiveDays);
  const firstDays = Math.min(design.deepArchiveAfterDays, keptDays);
  const deepDays = keptDays - firstDays;
  const gb = bundleGbPerDay(workload);
  const bundlesPerDay = bundles / DAYS;
  const isInstant = design.archiveClass === 'GLACIER_IR';
  const instantGb = Math.max(gb, (bundlesPerDay * INSTANT_MINIMUM) / GB);
  const shrunk = design.gzipManifests ? assumptions.manifestGzipRatio : 1;
  const manifestGb = (workload.filesPerDay * assumptions.manifestBytesPerFile) / shrunk / GB;
  const receipts = design.readyQueue ? bundles : 0;
  const receiptGb = ((receipts / DAYS) * assumptions.receiptBytes) / GB;
  return [
    line('S3 archive', 'manifests stored', bundles, prices.s3PutPer1000, 1000),
    line('S3 archive', 'manifests, storage', manifestGb * keptDays, prices.s3StandardGbMonth),
    line('S3 archive', 'manifests read', receipts, prices.s3GetPer1000, 1000),
    line('S3 archive', 'receipts stored', receipts, prices.s3PutPer1000, 1000),
    line('S3 archive', 'receipts read', receipts, prices.s3GetPer1000, 1000),
    line('S3 archive', 'receipts, storage', receiptGb * keptDays, prices.s3StandardGbMonth),
    line(
      'S3 archive',
      'bundles, in Standard',
      (isInstant ? 0 : gb * firstDays) + (bundlesPerDay * deepDays * DEEP_ARCHIVE_NAME) / GB,
      prices.s3StandardGbMonth,
    ),
    line(
      'S3 archive',
      'bundles, in Instant Retrieval',
      isInstant ? instantGb * firstDays : 0,
      prices.s3InstantGbMonth,
    ),
    line(
      'S3 archive',
      'bundles, in Deep Archive',
      gb * deepDays + (bundlesPerDay * deepDays * DEEP_ARCHIVE_INDEX) / GB,
      prices.s3DeepArchiveGbMonth,
    ),
    line(
      'S3 archive',
      'moves to Deep Archive',
      design.deepArchiveAfterDays < design.archiveDays ? bundles : 0,
      prices.s3DeepArchiveTransitionPer1000,
      1000,
    ),
  ];
}

/** Replication within a region costs one PUT per replica, at the price of the replica's class; the transfer is free. */
export function replicationLines({ workload, design, assumptions, prices }: Estimate): Line[] {
  const bundles = bundlesPerMonth(workload, assumptions, design);
  const price = design.archiveClass === 'GLACIER_IR' ? prices.s3InstantPutPer1000 : prices.s3PutPer1000;
  return [line('Replication', 'replicas stored', bundles, price, 1000)];
}

/** Access logs. Delivery is free. A file causes two requests, a bundle with replica and manifest about six. */
export function accessLogLines({ workload, design, assumptions, prices }: Estimate): Line[] {
  const ofLanding = design.landingAccessLogs ? 2 * workload.filesPerDay : 0;
  const perDay = ofLanding + (6 * bundlesPerMonth(workload, assumptions, design)) / DAYS;
  const gb = (perDay * assumptions.accessLogBytesPerRequest * design.accessLogDays) / GB;
  return [line('S3 access logs', 'storage', gb, prices.s3StandardGbMonth)];
}

/** Transfer of bundles out of AWS to the consumer. */
export function transferLines({ workload, prices }: Estimate): Line[] {
  return [line('Transfer', 'bundles to the consumer', bundleGbPerDay(workload) * DAYS, prices.transferOutGb)];
}

/** Number of bundles per month: one per batch. */
export function bundlesPerMonth(
  workload: Estimate['workload'],
  assumptions: Estimate['assumptions'],
  design: Estimate['design'],
): number {
  const filesPerBundle = assumptions.filesPerBundle ?? filesPerBatch(workload, assumptions, design);
  return (workload.filesPerDay * DAYS) / filesPerBundle;
}
