import {
  type Design,
  type Estimate,
  largeAssumptions,
  largeObjectLines,
  type LargeObjects,
  type Line,
  priced,
  type Prices,
  pricesByRegion,
  routeOf,
  usageOf,
} from '@data-aggregator/cost-model';
import { compareRoutes, routesText } from './routes.ts';

const prices = Object.fromEntries(
  priced.map((name) => [name, { usd: 0.5, unit: name, source: '', date: '', read: true }]),
) as unknown as Prices;
const design = {
  large: { memoryMb: 512, timeoutSeconds: 300 },
  landingDays: 18,
  distributionDays: 30,
  archiveClass: 'GLACIER_IR',
  deepArchiveAfterDays: Infinity,
  archiveDays: Infinity,
} as Design;
const estimate = (large: LargeObjects, of: Prices = prices): Estimate => ({
  workload: { filesPerDay: 1, avgKb: 1, compressRatio: 4, months: 12 },
  design,
  assumptions: {} as Estimate['assumptions'],
  prices: of,
  large: { ...large, ...largeAssumptions },
});
const usage = (how: 'stream' | 'copy', gb: number, compressRatio = 1) =>
  usageOf(how, { gb, compressRatio }, largeAssumptions);

describe('a large object', () => {
  it('is one PUT, if its bundle fits into memory', () => {
    expect(usage('stream', 0.05)).toMatchObject({ route: 'whole', reads: 1, puts: 1, parts: 0, seconds: 3 });
    expect(usage('stream', 0.4, 4)).toMatchObject({ route: 'whole', parts: 0, bundleGb: 0.1 });
  });

  it('is sent in parts of 8 MiB, or larger ones if there would be too many', () => {
    expect(usage('stream', 1)).toMatchObject({ route: 'parts', puts: 2, parts: 120, seconds: 50.5 });
    expect(usage('stream', 1, 2)).toMatchObject({ parts: 60, seconds: 50.5, bundleGb: 0.5 });
    expect(usage('stream', 1_000).parts).toBe(10_000);
  });

  it('is copied in ranges of 1 GiB, or larger ones if there would be too many', () => {
    expect(usage('copy', 5_000, 4)).toMatchObject({
      route: 'copy',
      reads: 2,
      puts: 2,
      parts: 2,
      copiedParts: 4_657,
      bundleGb: 5_000,
    });
    expect(usage('copy', 5_000).seconds).toBeCloseTo(868.56, 2);
    expect(usage('copy', 20_000).copiedParts).toBe(9_998);
  });

  it('is copied if an invocation could not stream it', () => {
    // 0.8 × 300 s × 20 MB/s
    expect(routeOf(4.8, design, largeAssumptions)).toBe('stream');
    expect(routeOf(4.81, design, largeAssumptions)).toBe('copy');
  });
});

/* Calculated by hand for 10 objects of 1 GB a day, which are 304.1667 a month; all prices are 0.5. */
describe('a line of large objects', () => {
  const lines = largeObjectLines(estimate({ perDay: 10, gb: 1, compressRatio: 1 }));

  it.each([
    // 120 parts, create and complete
    ['uploads, in parts', 's3PutPer1000', 37.108_33],
    ['storage in landing', 's3StandardGbMonth', 180],
    ['manifests', 's3PutPer1000', 0.304_167],
    ['notifications', 'sqsPerMillion', 0.001_825],
    ['ledger writes', 'dynamoWritePerMillion', 0.000_912_5],
    ['invocations', 'lambdaRequestsPerMillion', 0.000_304_167],
    ['reads of landing', 's3GetPer1000', 0.304_167],
    ['create and complete, or PUT', 's3PutPer1000', 0.608_333],
    ['parts sent', 's3PutPer1000', 36.5],
    ['parts copied inside S3', 's3PutPer1000', 0],
    ['replicas', 's3InstantPutPer1000', 37.108_33],
    // 50.5 s × 0.5 GB
    ['bundling', 'lambdaArmGbSecond', 7_680.208],
    // 10 GB a day for 30 days, and for 365 days
    ['storage of bundles', 's3StandardGbMonth', 300],
    ['bundles, in Instant Retrieval', 's3InstantGbMonth', 3_650],
    ['bundles, in Deep Archive', 's3DeepArchiveGbMonth', 0],
    ['transfer to the consumer', 'transferOutGb', 304.166_7],
  ])('%s: has the price %s', (what, price, quantity) => {
    const line = lines.find((candidate) => candidate.what === what) as Line;
    expect(line.unit).toBe(price);
    expect(line.quantity).toBeCloseTo(quantity, 3);
    expect(line.usd).toBeCloseTo(quantity / 2, 3);
  });

  it('is one of those above, and there is none without large objects', () => {
    expect(lines).toHaveLength(16);
    expect(largeObjectLines(estimate({ perDay: 0, gb: 1, compressRatio: 1 }))).toEqual([]);
  });
});

/*
 * By hand, per GB of an object that does not compress, at the prices of us-east-1, with replicas in Standard that move to Deep
 * Archive after a week:
 *
 *     streaming   50 s × 0.5 GB × 0.0000133334 = 0.00033; 119 parts and their replicas 0.00119     0.00152
 *     copying     0.17 s × 0.5 GB × 0.0000133334 = 0.0000012; 1 range and its replica 0.00001      0.00001
 *     storage and transfer of the bundle, the same for both: 0.09 + 37 days of 0.023 + 358 days of 0.00099 = 0.12963
 *
 * So copying saves 0.00151 of 0.13 dollars: as much as compressing by 1.2 %.
 */
describe('copying instead of streaming', () => {
  const { sizes, breakEvens } = compareRoutes(
    {
      ...estimate({ perDay: 1, gb: 1, compressRatio: 1 }, pricesByRegion['us-east-1']),
      design: { ...design, archiveClass: 'STANDARD', deepArchiveAfterDays: 7 },
    },
    largeAssumptions,
  );
  const at = (gb: number) => sizes.find((size) => size.gb === gb);
  const from = (ratio: number) => breakEvens.find(({ compressRatio }) => compressRatio === ratio)?.copyFromGb;

  it('is cheaper from 101 MB, where streaming needs parts, if the object does not compress', () => {
    expect(from(1)).toBeCloseTo(0.101, 2);
    expect(at(0.1)?.streamUsd).toBeLessThan(at(0.1)?.copyUsd ?? 0);
    expect((at(1)?.streamUsd ?? 0) - (at(1)?.copyUsd ?? 0)).toBeCloseTo(0.0015, 4);
    expect(at(1)?.copyUsd).toBeCloseTo(0.1297, 4);
  });

  it('is never cheaper if the object compresses by more than 1.2 %', () => {
    expect(from(1.01)).toBeGreaterThan(0.1);
    expect(from(1.02)).toBeUndefined();
    expect(from(4)).toBeUndefined();
  });

  it('is shown as a table', () => {
    const text = routesText({ sizes, breakEvens }, largeAssumptions);
    expect(text).toContain('100.0 % │        from 101 MB');
    expect(text).toMatch(/98\.0 % │ +never/);
  });
});
