import { type Assumptions, type Line, priced, type Prices, type Workload } from '@data-aggregator/cost-model';
import { bill, linesOf } from './bill.ts';
import { type Design, type Estimate, predecessorOf } from './design.ts';

/*
 * Calculated by hand. 864,000 files a day are 10 a second and 26,280,000 a month (365/12 days); of 10 KB they are 8.64 GB a
 * day, and 2.16 GB of bundles. A window of 20 s at 5 pollers gathers 40 files: 657,000 bundles a month, 21,600 a day.
 */
const workload: Workload = { filesPerDay: 864_000, avgKb: 10, compressRatio: 4, months: 12 };
const assumed: Assumptions = {
  pollers: 5,
  failuresPerMillion: 1_000,
  msPerInvocation: 400,
  msPerFile: 8,
  manifestBytesPerFile: 250,
  ledgerBytesPerFile: 500,
  logBytesPerInvocation: 4000,
  logBytesPerFile: 10,
  traceBytesPerInvocation: 10_000,
  traceBytesPerFile: 500,
  accessLogBytesPerRequest: 500,
  metricsWritten: 15,
  consumerPollSeconds: 60,
  consumerSweepSeconds: 900,
  receiptBytes: 500,
};
const design: Design = {
  batchSize: 2000,
  batchWindowSeconds: 20,
  memoryMb: 512,
  large: { memoryMb: 512, timeoutSeconds: 300 },
  queues: 2,
  readyQueue: true,
  writesPerFile: 1,
  writesPerBundle: 1,
  landingDays: 14,
  distributionDays: 30,
  deepArchiveAfterDays: 7,
  archiveDays: Infinity,
  accessLogDays: 30,
  claimDays: 21,
  pointInTimeRecovery: true,
  logDays: 30,
  scheduled: [{ invocations: 8760, memoryMb: 256 }],
  metricsOfLogs: 6,
  alarms: 20,
  compositeAlarms: 3,
  dashboards: 1,
  tracing: true,
  endpointZones: 2,
};
const prices = Object.fromEntries(
  priced.map((name) => [name, { usd: 0.5, unit: name, source: '', date: '', read: true }]),
) as unknown as Prices;
const estimate: Estimate = { workload, design, assumptions: assumed, prices };

function found(lines: Line[], area: string, what: string): Line {
  const match = lines.find((candidate) => candidate.area === area && candidate.what === what);
  if (match === undefined) throw new Error(`There is no line ${area}, ${what}.`);
  return match;
}

describe('a line of the bill', () => {
  it.each([
    ['S3 landing', 'uploads', 's3PutPer1000', 26_280],
    ['S3 landing', 'reads', 's3GetPer1000', 26_280],
    // 8.64 GB × 14 days
    ['S3 landing', 'storage', 's3StandardGbMonth', 120.96],
    ['S3 distribution', 'bundles stored', 's3PutPer1000', 657],
    ['S3 distribution', 'bundles taken', 's3GetPer1000', 657],
    // 96 listings a day
    ['S3 distribution', "consumer's listings", 's3PutPer1000', 2.92],
    // 2.16 GB × 30 days
    ['S3 distribution', 'storage', 's3StandardGbMonth', 64.8],
    ['S3 archive', 'manifests stored', 's3PutPer1000', 657],
    // 864,000 × 250 B × 365 days
    ['S3 archive', 'manifests, storage', 's3StandardGbMonth', 78.84],
    ['S3 archive', 'manifests read', 's3GetPer1000', 657],
    ['S3 archive', 'receipts stored', 's3PutPer1000', 657],
    ['S3 archive', 'receipts read', 's3GetPer1000', 657],
    // 21,600 × 500 B × 365 days
    ['S3 archive', 'receipts, storage', 's3StandardGbMonth', 3.942],
    // 2.16 GB × 7 days + 21,600 × 358 days × 8,192 B
    ['S3 archive', 'bundles, before they move', 's3StandardGbMonth', 15.12 + 63.347_097_6],
    // 2.16 GB × 358 days + 21,600 × 358 days × 32,768 B
    ['S3 archive', 'bundles, in Deep Archive', 's3DeepArchiveGbMonth', 773.28 + 253.388_390_4],
    ['S3 archive', 'moves to Deep Archive', 's3DeepArchiveTransitionPer1000', 657],
    ['Replication', 'replicas stored', 's3PutPer1000', 657],
    // (2 × 864,000 + 6 × 21,600) × 500 B × 30 days
    ['S3 access logs', 'storage', 's3StandardGbMonth', 27.864],
    // 26.28 million × 1.2
    ['SQS', 'notifications', 'sqsPerMillion', 31.536],
    // 5 pollers at 2 queues, 3 times a minute, 730 hours
    ['SQS', 'waiting for notifications', 'sqsPerMillion', 1.314],
    // A send, a receive and a delete for each of 657,000
    ['SQS', 'messages about bundles', 'sqsPerMillion', 1.971],
    // 3 times a minute, 730 hours
    ['SQS', 'waiting for bundles', 'sqsPerMillion', 0.1314],
    // 26,280 failures
    ['Recovery', 'queue requests', 'sqsPerMillion', 0.052_56],
    ['Recovery', 'ledger writes', 'dynamoWritePerMillion', 0.052_56],
    ['Recovery', 'reads of landing', 's3GetPer1000', 26.28],
    // 657,000 + 8,760
    ['Lambda', 'invocations', 'lambdaRequestsPerMillion', 0.665_76],
    // (657,000 × 0.4 s + 26,280,000 × 0.008 s) × 0.5 GB
    ['Lambda', 'bundling', 'lambdaArmGbSecond', 236_520],
    // 8,760 × 1 s × 0.25 GB
    ['Lambda', 'scheduled functions', 'lambdaArmGbSecond', 2190],
    // 26.28 million claims and 0.657 million bundle records
    ['DynamoDB', 'writes', 'dynamoWritePerMillion', 26.937],
    // 864,000 × 500 B × 21 days
    ['DynamoDB', 'storage', 'dynamoStorageGbMonth', 9.072],
    ['DynamoDB', 'recovery', 'dynamoRecoveryGbMonth', 9.072],
    // 657,000 × 4,000 B + 26,280,000 × 10 B
    ['Logs', 'written', 'logsIngestGb', 2.8908],
    // 2.8908 GB ÷ 30.42 days × 30 days × 0.2
    ['Logs', 'kept', 'logsStorageGbMonth', 0.570_239],
    // 657,000 × (10,000 + 40 × 500) B: a quarter of an invocation a second, all of them sampled
    ['Traces', 'spans', 'spansIngestGb', 19.71],
    // 15 + 6, and 4 of replication
    ['Metrics', 'of our own', 'metricMonth', 25],
    ['Alarms', 'on one metric', 'alarmMonth', 20],
    ['Alarms', 'composite', 'compositeAlarmMonth', 3],
    ['Dashboards', '', 'dashboardMonth', 1],
    // 2 × 730 hours
    ['Network', 'interface endpoints', 'endpointHour', 1460],
    // 2.16 GB × 365/12 days
    ['Transfer', 'bundles to the consumer', 'transferOutGb', 65.7],
  ])('%s, %s: has the price %s', (area, what, price, quantity) => {
    const line = found(linesOf(estimate), area, what);
    expect(line.unit).toBe(price);
    expect(line.quantity).toBeCloseTo(quantity, 4);
    expect(line.usd).toBeCloseTo(quantity / 2, 4);
  });

  it('is one of those above', () => {
    expect(linesOf(estimate)).toHaveLength(40);
  });
});

describe('traces', () => {
  const spans = (changes: { files?: number; limits?: Partial<Design> }) =>
    found(
      linesOf({
        ...estimate,
        workload: { ...workload, filesPerDay: changes.files ?? workload.filesPerDay },
        design: { ...design, ...changes.limits },
      }),
      'Traces',
      'spans',
    ).quantity;

  it('cost nothing without tracing', () => {
    expect(spans({ limits: { tracing: false } })).toBe(0);
  });

  it('contain at most as many files as two spans can hold', () => {
    // 10,000 a second make batches of 2,000, and 5 invocations a second, of which 1.2 are sampled.
    const bytes = 10_000 + 2 * 131_072;
    expect(spans({ files: 864_000_000 })).toBeCloseTo((1.2 * 730 * 3600 * bytes) / 1e9, 4);
  });
});

describe('a consumer that only lists', () => {
  it('lists more often, and needs neither the queue nor receipts', () => {
    const lines = linesOf({ ...estimate, design: { ...design, readyQueue: false } });
    expect(found(lines, 'S3 distribution', "consumer's listings").quantity).toBeCloseTo(43.8, 4);
    for (const [area, what] of [
      ['S3 archive', 'manifests read'],
      ['S3 archive', 'receipts stored'],
      ['S3 archive', 'receipts read'],
      ['S3 archive', 'receipts, storage'],
      ['SQS', 'messages about bundles'],
      ['SQS', 'waiting for bundles'],
    ] as const) {
      expect(found(lines, area, what).quantity).toBe(0);
    }
  });
});

describe('the archive', () => {
  it('is limited by its retention, and has nothing in Deep Archive before the transition', () => {
    const young = linesOf({ ...estimate, design: { ...design, archiveDays: 5 } });
    expect(found(young, 'S3 archive', 'bundles, before they move').quantity).toBeCloseTo(2.16 * 5, 6);
    expect(found(young, 'S3 archive', 'bundles, in Deep Archive').quantity).toBe(0);
  });
});

describe("the predecessor's bill", () => {
  it('assumes smaller bundles, two writes per file, and two endpoints in two zones', () => {
    expect(predecessorOf(design)).toMatchObject({
      batchSize: 100,
      writesPerFile: 2,
      writesPerBundle: 0,
      endpointZones: 4,
    });
  });

  it('is compared with ours line by line, and both add up', () => {
    const { lines, predecessorUsd, usd } = bill(estimate);
    const writes = lines.find(({ area, what }) => area === 'DynamoDB' && what === 'writes');
    expect(writes?.predecessorUsd).toBeCloseTo((2 * 26.28) / 2, 4);
    expect(usd).toBeCloseTo(
      lines.reduce((sum, line) => sum + line.usd, 0),
      6,
    );
    expect(predecessorUsd).toBeCloseTo(
      lines.reduce((sum, line) => sum + line.predecessorUsd, 0),
      6,
    );
  });
});
