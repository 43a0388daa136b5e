import { createRoutes } from './route.ts';
import { candidate } from './testing/landed.ts';

const MiB = 1024 ** 2;
const MINUTE = 60_000;
const options = { minCopiedBytes: 10 * MiB, maxStreamedBytes: 400_000 * MiB };
const sized = (size: number) => candidate('a', size);
const failed = (lastFailure: 'too-slow' | 'builder-died' | 'corrupted') => ({
  ...sized(100 * MiB),
  failures: 1,
  lastFailure,
});

describe('a large object', () => {
  it('is streamed if there is time enough at the slowest speed to expect, with a margin', () => {
    const { isCopied } = createRoutes(options);
    expect(isCopied(sized(400e6), MINUTE)).toBe(false);
    expect(isCopied(sized(400e6 + 1), MINUTE)).toBe(true);
  });

  it('is judged by the speed of the last one that was streamed', () => {
    const { isCopied, learn } = createRoutes(options);
    learn(100 * MiB, 1_000);
    expect(isCopied(sized(4e9), MINUTE)).toBe(false);
    learn(100 * MiB, 100_000);
    expect(isCopied(sized(100e6), MINUTE)).toBe(true);
  });

  it('says nothing about the speed if it is smaller than 32 MiB', () => {
    const { isCopied, learn } = createRoutes(options);
    learn(32 * MiB - 1, 600_000);
    expect(isCopied(sized(400e6), MINUTE)).toBe(false);
    learn(32 * MiB, 600_000);
    expect(isCopied(sized(400e6), MINUTE)).toBe(true);
  });

  it.each([0, -1_000])('says nothing about the speed if the clock was set back: %i ms', (ms) => {
    const { isCopied, learn } = createRoutes(options);
    learn(100 * MiB, ms);
    expect(isCopied(sized(401e6), MINUTE)).toBe(true);
  });

  it.each(['too-slow', 'builder-died'] as const)('is copied after the failure %s', (lastFailure) => {
    expect(createRoutes(options).isCopied(failed(lastFailure), Infinity)).toBe(true);
  });

  it('is streamed again after it arrived corrupted, so that it is verified', () => {
    expect(createRoutes(options).isCopied(failed('corrupted'), Infinity)).toBe(false);
  });

  it('is copied if its bundle would need too many parts', () => {
    const { isCopied } = createRoutes(options);
    expect(isCopied(sized(options.maxStreamedBytes), Infinity)).toBe(false);
    expect(isCopied(sized(options.maxStreamedBytes + 1), Infinity)).toBe(true);
  });

  it('is never copied if it has too few bytes for the parts of a copy', () => {
    const tiny = { ...failed('too-slow'), size: 10 * MiB - 1 };
    const { isCopied } = createRoutes({ ...options, copyAboveBytes: 1 });
    expect(isCopied(tiny, 0)).toBe(false);
    expect(isCopied({ ...tiny, size: 10 * MiB }, 0)).toBe(true);
  });

  it('follows COPY_ABOVE_BYTES alone, if that is set', () => {
    const { isCopied } = createRoutes({ ...options, copyAboveBytes: 50 * MiB });
    expect(isCopied(sized(50 * MiB + 1), Infinity)).toBe(true);
    expect(isCopied({ ...failed('too-slow'), size: 50 * MiB }, 0)).toBe(false);
  });
});
