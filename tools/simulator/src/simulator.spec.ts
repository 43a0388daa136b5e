import { type MakeMutant, mutantNames, mutants, steeringOf, underSteeringOf } from './mutants/mutants.ts';
import type { Violation } from './rules/violation.ts';
import { runSchedule } from './schedule/schedule.ts';
import { shrink } from './schedule/shrink.ts';

/** Schedules within which every mutant must be caught. `simulator:random` runs 10,000 in its own target. */
const SCHEDULES = 250;
/** Schedules of the real code under a steering: at least these, and twice as many as its mutant needs to be caught. */
const MIN_SCHEDULES_UNDER_STEERING = 20;

/** The first seed whose schedule breaks a rule. */
async function failedSeed(
  makeMutant: MakeMutant | undefined,
  schedules: number,
): Promise<{ seed: number; violation: Violation } | undefined> {
  for (let seed = 1; seed <= schedules; seed++) {
    const { violation } = await runSchedule({ seed, ...(makeMutant && { makeMutant }) });
    if (violation) return { seed, violation };
  }
  return undefined;
}

describe('the fault simulator', () => {
  it('finds no violation in the real code', async () => {
    await expect(failedSeed(undefined, SCHEDULES)).resolves.toBeUndefined();
  }, 120_000);

  // An error of the mutant's kind in the real code shows under the same steering, so it fails here as well.
  it.each(mutantNames)(
    'catches %s, and finds no violation in the real code under its steering',
    async (mutant) => {
      const caught = await failedSeed(mutants[mutant], SCHEDULES);
      expect(caught).toBeDefined();
      if (!caught || !steeringOf(mutant)) return;
      const schedules = Math.max(MIN_SCHEDULES_UNDER_STEERING, 2 * caught.seed);
      await expect(failedSeed(underSteeringOf(mutant), schedules)).resolves.toBeUndefined();
    },
    120_000,
  );

  it('runs the same schedule for the same seed', async () => {
    const tell = async () => {
      const trace: string[] = [];
      await runSchedule({ seed: 42, trace: (line) => trace.push(line) });
      return trace;
    };
    const first = await tell();
    expect(first.length).toBeGreaterThan(10);
    await expect(tell()).resolves.toEqual(first);
  });

  it('shrinks a violation to a shorter trace that still breaks the rule', async () => {
    const mutant = mutants['retry-unknown-publish'];
    const caught = await failedSeed(mutant, SCHEDULES);
    if (!caught) throw new Error('it was not caught');
    const { seed } = caught;
    const whole: string[] = [];
    await runSchedule({ seed, makeMutant: mutant, trace: (line) => whole.push(line) });
    const { trace, violation } = await shrink(seed, mutant);
    expect(violation.rule).toBe('no bundle is published twice');
    expect(trace.length).toBeLessThan(whole.length);
    expect(trace.filter((line) => line.includes('PUT K1')).length).toBeGreaterThanOrEqual(2);
  }, 120_000);
});
