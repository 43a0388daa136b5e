import { visible } from '@data-aggregator/terminal';
import pc from 'picocolors';
import type { Outcome } from './execute.ts';

/**
 * The nearest-rank percentile; undefined for an empty list.
 *
 * @param percent above 0, at most 100
 */
export function percentile(values: readonly number[], percent: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  // Rounded: 99.9 % of 2,000 is slightly more than 1,998 in floating point.
  const rank = Math.ceil(Number(((percent * sorted.length) / 100).toFixed(6)));
  return sorted[rank - 1];
}

const MAX_PROBLEMS = 20;

/** Whether all checks passed. A scenario without checks proves nothing. */
export function isGood({ checks }: Outcome): boolean {
  return checks.length > 0 && checks.every(({ problem }) => problem === undefined);
}

/** The outcome for people: one line, followed by the first problems. */
export function textReport(outcome: Outcome, colour: boolean): string {
  const { red, green } = pc.createColors(colour);
  const { name, checks, seconds, kept } = outcome;
  const problems = checks.filter(({ problem }) => problem !== undefined);
  const mark = isGood(outcome) ? green('passed') : red('FAILED');
  const good = checks.length - problems.length;
  return [
    `${mark}  ${name}: ${good} of ${checks.length} checks in ${seconds.toFixed(1)} s${latencies(outcome)}`,
    ...problems
      .slice(0, MAX_PROBLEMS)
      .map((check) => `        ${visible(`${check.name}: ${check.problem ?? ''}`)}`),
    ...(problems.length > MAX_PROBLEMS ? [`        … and ${problems.length - MAX_PROBLEMS} more`] : []),
    ...(kept === undefined ? [] : [`        bundles are kept in ${kept}`]),
    '',
  ].join('\n');
}

/** Latency from landing to distribution, in whole seconds. */
function latencies({ checks }: Outcome): string {
  const seconds = checks.flatMap((check) => check.seconds ?? []);
  if (seconds.length === 0) return '';
  const of = (percent: number) => `p${percent} ${(percentile(seconds, percent) ?? 0).toFixed(1)} s`;
  return `; landing to distribution ${[50, 95, 99.9].map(of).join(', ')}`;
}
