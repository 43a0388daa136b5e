import { type Assumptions, type Line, priced, type Prices, type Workload } from '../index.ts';
import { bill, linesOf } from './bill.ts';
import { type Design, designText, type Estimate, parseDesign, predecessorOf } from './design.ts';

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
  manifestBytesPerFile: 500,
  manifestGzipRatio: 2,
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
  archiveClass: 'GLACIER_IR',
  gzipManifests: true,
  deepArchiveAfterDays: Infinity,
  archiveDays: Infinity,
  accessLogDays: 30,
  landingAccessLogs: true,
  claimDays: 21,
  pointInTimeRecovery: true,
  logDays: 30,
  scheduled: [{ invocations: 8760, memoryMb: 256 }],
  alarmMetrics: 20,
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
    // 864,000 × 500 B ÷ 2 × 365 days
    ['S3 archive', 'manifests, storage', 's3StandardGbMonth', 78.84],
    ['S3 archive', 'manifests read', 's3GetPer1000', 657],
    ['S3 archive', 'receipts stored', 's3PutPer1000', 657],
    ['S3 archive', 'receipts read', 's3GetPer1000', 657],
    // 21,600 × 500 B × 365 days
    ['S3 archive', 'receipts, storage', 's3StandardGbMonth', 3.942],
    ['S3 archive', 'bundles, in Standard', 's3StandardGbMonth', 0],
    // 21,600 × 131,072 B × 365 days, because a bundle of 100 KB is billed as 128 KB
    ['S3 archive', 'bundles, in Instant Retrieval', 's3InstantGbMonth', 1033.371_648],
    ['S3 archive', 'bundles, in Deep Archive', 's3DeepArchiveGbMonth', 0],
    ['S3 archive', 'moves to Deep Archive', 's3DeepArchiveTransitionPer1000', 0],
    ['Replication', 'replicas stored', 's3InstantPutPer1000', 657],
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
    // 15, and 4 of replication
    ['Metrics', 'of our own', 'metricMonth', 19],
    ['Alarms', 'on metrics', 'alarmMonth', 20],
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
    expect(linesOf(estimate)).toHaveLength(41);
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
  const quantities = (changes: Partial<Design>, of: Partial<Workload> = {}) => {
    const lines = linesOf({
      ...estimate,
      workload: { ...workload, ...of },
      design: { ...design, ...changes },
    });
    return Object.fromEntries(
      lines.filter(({ area }) => area === 'S3 archive').map(({ what, quantity }) => [what, quantity]),
    );
  };
  const moving = { archiveClass: 'STANDARD', deepArchiveAfterDays: 7 } as const;

  it('in Standard moves to Deep Archive, which adds an index and a name to each bundle', () => {
    const lines = quantities(moving);
    // 2.16 GB × 7 days + 21,600 × 358 days × 8,192 B
    expect(lines['bundles, in Standard']).toBeCloseTo(15.12 + 63.347_097_6, 4);
    // 2.16 GB × 358 days + 21,600 × 358 days × 32,768 B
    expect(lines['bundles, in Deep Archive']).toBeCloseTo(773.28 + 253.388_390_4, 4);
    expect(lines['moves to Deep Archive']).toBeCloseTo(657, 6);
    expect(lines['bundles, in Instant Retrieval']).toBe(0);
  });

  it('is limited by its retention, and has nothing in Deep Archive before the transition', () => {
    const young = quantities({ ...moving, archiveDays: 5 });
    expect(young['bundles, in Standard']).toBeCloseTo(2.16 * 5, 6);
    expect(young['bundles, in Deep Archive']).toBe(0);
    expect(young['moves to Deep Archive']).toBe(0);
  });

  it('in Instant Retrieval is billed by its bytes, if bundles are larger than 128 KB', () => {
    // 21.6 GB of bundles a day
    expect(quantities({}, { avgKb: 100 })['bundles, in Instant Retrieval']).toBeCloseTo(21.6 * 365, 4);
  });

  it('has twice as many bytes of manifests without compression that halves them', () => {
    expect(quantities({ gzipManifests: false })['manifests, storage']).toBeCloseTo(2 * 78.84, 4);
  });

  it('costs a PUT at the price of its class for each bundle', () => {
    const lines = linesOf({ ...estimate, design: { ...design, archiveClass: 'STANDARD' } });
    expect(found(lines, 'Replication', 'replicas stored').unit).toBe('s3PutPer1000');
  });

  it('logs few requests, if those to landing are not logged', () => {
    const lines = linesOf({ ...estimate, design: { ...design, landingAccessLogs: false } });
    // 6 × 21,600 × 500 B × 30 days
    expect(found(lines, 'S3 access logs', 'storage').quantity).toBeCloseTo(1.944, 4);
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

it('a design survives as JSON, with infinite times', () => {
  expect(design.archiveDays).toBe(Infinity);
  expect(parseDesign(designText(design))).toEqual(design);
});
