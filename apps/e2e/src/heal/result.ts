import { percentile } from '../run/report.ts';
import type { Targets } from './cases.ts';

/** One file of a run. Times are ms since the epoch. */
export interface TimedFile {
  key: string;
  isLarge: boolean;
  /** Whether it is small and arrived next to large ones. */
  isBesideLarge: boolean;
  landedAt: number;
  /** When its bundle was in the distribution bucket; undefined if it is in none. */
  publishedAt: number | undefined;
  /** The key of that bundle. */
  bundle?: string | undefined;
}

/** Seconds from landing to distribution. */
export interface Spread {
  files: number;
  p50: number;
  p95: number;
  p999: number;
  maxSeconds: number;
}

/** The result of a case, as `nx run e2e:heal -- --json` prints it. */
export interface CaseResult extends Spread {
  deadLetters: number;
  lost: number;
  duplicated: number;
  mismatched: number;
  /** Times that a notification was sent on to the queue for large objects: once per large file. */
  forwards: number;
  /** Small files that arrived before the large ones, and the large ones themselves. */
  without?: Spread;
  large?: Spread;
  /** Seconds from the end of the disturbance to the last file. */
  afterEnd?: number;
}

/** The result of a case. @param endedAt when the disturbance ended, ms since the epoch */
export function resultOf(
  files: readonly TimedFile[],
  counts: Pick<CaseResult, 'deadLetters' | 'lost' | 'duplicated' | 'mismatched' | 'forwards'>,
  endedAt: number | undefined,
): CaseResult {
  const large = files.filter(({ isLarge }) => isLarge);
  const small = files.filter(({ isLarge }) => !isLarge);
  const beside = small.filter(({ isBesideLarge }) => isBesideLarge);
  const last = Math.max(...small.map(({ publishedAt }) => publishedAt ?? 0));
  return {
    ...spreadOf(large.length > 0 ? beside : small),
    ...counts,
    ...(large.length > 0 && {
      without: spreadOf(small.filter(({ isBesideLarge }) => !isBesideLarge)),
      large: spreadOf(large),
    }),
    ...(endedAt !== undefined && { afterEnd: tenths(Math.max(0, last - endedAt) / 1000) }),
  };
}

/** The targets that a result misses, in words. */
export function missed(result: CaseResult, targets: Targets): string[] {
  const problems: string[] = [];
  const check = (what: string, value: number | undefined, limit: number | undefined) => {
    if (limit !== undefined && (value === undefined || value > limit))
      problems.push(`${what} is ${value ?? 'unknown'} and must be at most ${tenths(limit)}`);
  };
  check('lost', result.lost, 0);
  check('duplicated', result.duplicated, 0);
  check('mismatched', result.mismatched, 0);
  check('deadLetters', result.deadLetters, 0);
  check('forwards', result.forwards, result.large?.files ?? 0);
  check('p999', result.p999, targets.p999);
  check('maxSeconds', result.maxSeconds, targets.maxSeconds);
  check('afterEnd', result.afterEnd, targets.maxAfterEnd);
  check('p95', result.p95, targets.p95Ratio && (result.without?.p95 ?? 0) * targets.p95Ratio);
  return problems;
}

function spreadOf(files: readonly TimedFile[]): Spread {
  const seconds = files.flatMap(({ landedAt, publishedAt }) =>
    publishedAt === undefined ? [] : [Math.max(0, (publishedAt - landedAt) / 1000)],
  );
  const at = (percent: number) => tenths(percentile(seconds, percent) ?? 0);
  return { files: files.length, p50: at(50), p95: at(95), p999: at(99.9), maxSeconds: at(100) };
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
