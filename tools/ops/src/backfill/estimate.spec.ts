import { pricesByRegion } from '@data-aggregator/cost-model';
import { estimate } from './estimate.ts';

/* Calculated by hand. 50 a second for 60 s at 5 pollers make bundles of 600: 1,000 bundles. 600,000 files of 10 KB are 6 GB. */
const work = {
  listed: 650_000,
  examined: 620_000,
  enqueued: 600_000,
  bytes: 6e9,
  manifests: 2_500,
  rate: 50,
};
const { usd, seconds, lines, basis } = estimate(work, 'us-east-1');

it.each([
  // 650 pages of landing, 3 of manifests
  ['listings', 0.653],
  ['manifests read', 5],
  ['look-ups', 1.24],
  // A send, a receive and a delete for ten messages each
  ['notifications', 0.18],
  ['claims and bundle records', 0.601],
  ['reads of landing', 600],
  ['invocations', 0.001],
  // (1,000 × 0.4 s + 600,000 × 0.008 s) × 0.5 GB
  ['bundling', 2_600],
  ['bundles, manifests and replicas', 3],
  ['storage of bundles', 3],
  ['bundles to the consumer', 1.5],
])('%s: has the quantity %s', (what, quantity) => {
  expect(lines.find((line) => line.what === what)?.quantity).toBeCloseTo(quantity, 6);
});

it('adds up its lines, and takes as long as the rate says', () => {
  expect(lines).toHaveLength(11);
  expect(usd).toBeCloseTo(
    lines.reduce((sum, line) => sum + line.usd, 0),
    9,
  );
  expect(seconds).toBe(12_000);
  expect(basis).toEqual({ region: 'us-east-1', memoryMb: 512, filesPerBundle: 600, compressRatio: 4 });
});

it('uses the prices of the region if they are known', () => {
  const transfer = (region: string | undefined) =>
    estimate(work, region).lines.find(({ area }) => area === 'Transfer')?.usd;
  expect(transfer('eu-west-2')).toBeCloseTo(1.5 * pricesByRegion['eu-west-2'].transferOutGb.usd, 9);
  expect(transfer('eu-central-1')).toBe(transfer('us-east-1'));
});
