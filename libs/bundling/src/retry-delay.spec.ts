import fc from 'fast-check';
import { retryDelaySeconds } from './retry-delay.ts';

const NOW = 1_800_000_000_000;
const backoff = (receives: number, random: number) =>
  retryDelaySeconds({ until: undefined }, receives, NOW, random);

describe('retryDelaySeconds', () => {
  it.each([
    ['in 90 s', 90_000, 91],
    ['in a fraction of a second', 1, 2],
    ['in the past', -5_000, 1],
    ['further away than SQS allows', 100 * 3_600_000, 36_000],
  ])('waits until the claim has expired: %s', (_, ms, seconds) => {
    expect(retryDelaySeconds({ until: NOW + ms }, 1, NOW, 0.99)).toBe(seconds);
  });

  it.each([
    [1, 4],
    [2, 8],
    [3, 16],
    [5, 64],
    [6, 120],
    [30, 120],
    [31, 900],
    [1_000, 900],
  ])('after %i receives waits at most %i s', (receives, seconds) => {
    expect(backoff(receives, 0.9999)).toBe(seconds);
  });

  it('spreads retries over the whole delay', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (n, random) => {
          expect(backoff(n, random)).toBeGreaterThanOrEqual(1);
          expect(backoff(n, random)).toBe(Math.max(1, Math.ceil(backoff(n, 0.999999) * random)));
        },
      ),
    );
  });

  it('does not reach the maxReceiveCount of 1,000 within the retention of the queue, four days', () => {
    const days = Array.from({ length: 999 }, (_, n) => backoff(n + 1, 0.5)).reduce((a, b) => a + b) / 86_400;
    expect(days).toBeGreaterThan(4);
  });
});
