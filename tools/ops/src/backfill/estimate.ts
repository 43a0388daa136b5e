import {
  assumptions,
  filesPerBatch,
  type Line,
  line,
  pricesByRegion,
  totalUsd,
} from '@data-aggregator/cost-model';

/** What a backfill does. */
export interface Work {
  /** Versions and delete markers that S3 lists. */
  listed: number;
  /** Versions that are looked up in the ledger. */
  examined: number;
  /** Versions that are enqueued, and their bytes. */
  enqueued: number;
  bytes: number;
  /** Manifests that are read, because the ledger may have forgotten deliveries. */
  manifests: number;
  /** Versions per second. */
  rate: number;
}

/** The assumptions of an estimate, for the reader. */
export interface Basis {
  region: string;
  /** The aggregator's memory and batches, as in its `function.json`. */
  memoryMb: number;
  filesPerBundle: number;
  /** Bytes of files per byte of bundle. */
  compressRatio: number;
}

export interface BackfillEstimate {
  usd: number;
  seconds: number;
  lines: Line[];
  basis: Basis;
}

const GB = 1e9;
const PAGE = 1_000;
const MESSAGES_PER_CALL = 10;
/** Most versions have neither a claim nor a quarantine mark, so both are looked up. */
const READS_PER_VERSION = 2;
/** A bundle, its manifest and its replica. */
const PUTS_PER_BUNDLE = 3;
/** A manifest, and a HEAD of its bundle. */
const GETS_PER_MANIFEST = 2;
/** In distribution and in the archive. */
const COPIES = 2;
const AGGREGATOR = { memoryMb: 512, batchSize: 2_000, batchWindowSeconds: 60 };
const COMPRESS_RATIO = 4;

/**
 * Estimates the cost of a backfill in US dollars, without free tiers, and its duration. Storage is for one month.
 *
 * @param region whose prices apply; if they are not known, those of us-east-1
 */
export function estimate(work: Work, region: string | undefined): BackfillEstimate {
  const known = region === 'eu-west-2' ? region : 'us-east-1';
  const prices = pricesByRegion[known];
  const { listed, examined, enqueued, bytes, manifests, rate } = work;
  const load = { filesPerDay: rate * 86_400, avgKb: 0, compressRatio: COMPRESS_RATIO, months: 0 };
  const filesPerBundle = filesPerBatch(load, assumptions, AGGREGATOR);
  const bundles = Math.ceil(enqueued / filesPerBundle);
  const bundleGb = bytes / COMPRESS_RATIO / GB;
  const seconds = (bundles * assumptions.msPerInvocation + enqueued * assumptions.msPerFile) / 1000;
  const listings = Math.ceil(listed / PAGE) + Math.ceil(manifests / PAGE);
  const calls = (enqueued * 3) / MESSAGES_PER_CALL;
  const lines = [
    line('S3', 'listings', listings, prices.s3PutPer1000, 1000),
    line('S3', 'manifests read', GETS_PER_MANIFEST * manifests, prices.s3GetPer1000, 1000),
    line('DynamoDB', 'look-ups', READS_PER_VERSION * examined, prices.dynamoReadPerMillion, 1e6),
    line('SQS', 'notifications', calls, prices.sqsPerMillion, 1e6),
    line('DynamoDB', 'claims and bundle records', enqueued + bundles, prices.dynamoWritePerMillion, 1e6),
    line('S3', 'reads of landing', enqueued, prices.s3GetPer1000, 1000),
    line('Lambda', 'invocations', bundles, prices.lambdaRequestsPerMillion, 1e6),
    line('Lambda', 'bundling', seconds * (AGGREGATOR.memoryMb / 1024), prices.lambdaArmGbSecond),
    line('S3', 'bundles, manifests and replicas', PUTS_PER_BUNDLE * bundles, prices.s3PutPer1000, 1000),
    line('S3', 'storage of bundles', COPIES * bundleGb, prices.s3StandardGbMonth),
    line('Transfer', 'bundles to the consumer', bundleGb, prices.transferOutGb),
  ];
  const basis = {
    region: known,
    memoryMb: AGGREGATOR.memoryMb,
    filesPerBundle: Math.round(filesPerBundle),
    compressRatio: COMPRESS_RATIO,
  };
  return { usd: totalUsd(lines), seconds: enqueued / rate, lines, basis };
}
