/** A limit of an AWS service, with its source. */
export interface Limit {
  value: number;
  unit: string;
  source: string;
  /** When the page was read. */
  date: string;
  /** Whether AWS raises it on request. */
  adjustable: boolean;
}

const READ = '2026-11-26';

function limit(value: number, unit: string, source: string, adjustable = false): Limit {
  return { value, unit, source, date: READ, adjustable };
}

const S3_REQUESTS = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html';
const S3_REPLICATION = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html';
const SQS = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html';
const SQS_SCALING = 'https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html';
const LAMBDA = 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html';
const DYNAMODB_WARM =
  'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html';
const DYNAMODB_QUOTAS = 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html';
const LOGS = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html';

/**
 * The limits that the load on this system can reach, in us-east-1. S3 publishes no limit for the notifications of a bucket.
 */
export const limits = {
  /** S3 splits a busy prefix into partitions by itself, within 30 to 60 minutes. */
  s3PutsPerPartition: limit(3_500, 'PUT/s in a partition', S3_REQUESTS),
  s3GetsPerPartition: limit(5_500, 'GET/s in a partition', S3_REQUESTS),
  /** Published for Replication Time Control only; we take it as a hint for replication without it. */
  replicationBytes: limit(125_000_000, 'bytes/s replicated', S3_REPLICATION, true),
  sqsInFlight: limit(120_000, 'messages in flight in a queue', SQS, true),
  /** What a mapping adds to its concurrent batches in a minute. */
  mappingGrowth: limit(300, 'invocations more in a minute', SQS_SCALING),
  /** Highest MaximumConcurrency of a mapping. */
  mappingConcurrency: limit(1_000, 'concurrent invocations of a mapping', SQS_SCALING),
  accountConcurrency: limit(1_000, 'concurrent invocations in the account', LAMBDA, true),
  payloadBytes: limit(6_000_000, 'bytes in an invocation', LAMBDA),
  /** What a new on-demand table serves at once. It doubles within 30 minutes; warm throughput raises it before. */
  ledgerWarmWrites: limit(4_000, 'writes/s in a new table', DYNAMODB_WARM),
  ledgerWritesPerPartition: limit(1_000, 'writes/s in a partition', DYNAMODB_WARM),
  ledgerTableWrites: limit(40_000, 'writes/s in a table', DYNAMODB_QUOTAS, true),
  logRequests: limit(5_000, 'PutLogEvents/s in the account', LOGS, true),
} as const satisfies Record<string, Limit>;
