import { consume } from '../consume.ts';
import { judge } from '../judge.ts';
import { percentile } from '../percentile.ts';
import { produce } from '../produce.ts';
import type { Check, Run } from '../run.ts';

/** The largest burst that is expected. */
const FILES_PER_SECOND = 100;
const OBJECTIVES = [
  { percent: 95, seconds: 120 },
  { percent: 99.9, seconds: 180 },
] as const;

/** Files land at the pace of a burst, and are delivered within what is promised. */
export async function burst(run: Run): Promise<Check[]> {
  const began = performance.now();
  const expected = await produce(run, { pace: FILES_PER_SECOND });
  const pace = (expected.length / (performance.now() - began)) * 1000;
  const checks = judge(expected, await consume(run, expected));
  const seconds = checks.flatMap((check) => (check.problem === undefined ? (check.seconds ?? []) : []));
  return [
    ...checks,
    {
      name: `${FILES_PER_SECOND} files a second land`,
      problem: pace >= 0.95 * FILES_PER_SECOND ? undefined : `only ${pace.toFixed(1)} did`,
    },
    ...OBJECTIVES.map((objective): Check => {
      const measured = percentile(seconds, objective.percent);
      const name = `${objective.percent} % are delivered within ${objective.seconds} s`;
      if (measured === undefined) return { name, problem: 'none was delivered' };
      const met = measured <= objective.seconds;
      return { name, problem: met ? undefined : `it took ${measured.toFixed(1)} s` };
    }),
  ];
}
