import { runSchedule } from './schedule/schedule.ts';
import { shrink } from './schedule/shrink.ts';
import { steeredMutants, mutantNames, mutants, underSteeringOf } from './mutants/mutants.ts';

/** Schedules within which every mutant must be caught. */
const MAX_SCHEDULES_TO_CATCH = 10_000;
/**
 * Schedules of the sound code: few, but more than any mutant needs to be caught. `simulator:random` runs 10,000 in its
 * own target.
 */
const SCHEDULES = 400;
const SCHEDULES_PER_STEERING = 100;

/** The first seed whose schedule breaks a rule. */
async function caughtAt(mutant: (typeof mutantNames)[number], from = 1): Promise<number | undefined> {
  for (let seed = from; seed < from + MAX_SCHEDULES_TO_CATCH; seed++) {
    if ((await runSchedule({ seed, makeMutant: mutants[mutant] })).violation) return seed;
  }
  return undefined;
}

describe('the fault simulator', () => {
  it('finds no violation in the real code', async () => {
    let faults = 0;
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      const result = await runSchedule({ seed });
      expect({ seed, violation: result.violation }).toEqual({ seed, violation: undefined });
      faults += result.faults;
    }
    expect(faults).toBeGreaterThan(1_000);
  }, 60_000);

  // A steering that reveals a mutant would reveal the same fault in the real code.
  it.each(steeredMutants)(
    'finds no violation in the real code under the steering of %s',
    async (mutant) => {
      for (let seed = 1; seed <= SCHEDULES_PER_STEERING; seed++) {
        const { violation } = await runSchedule({ seed, makeMutant: underSteeringOf(mutant) });
        expect({ seed, violation }).toEqual({ seed, violation: undefined });
      }
    },
    60_000,
  );

  it.each(mutantNames)(
    'catches %s',
    async (mutant) => {
      await expect(caughtAt(mutant)).resolves.toBeDefined();
    },
    60_000,
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
    const seed = await caughtAt('retry-unknown-publish', 1_000);
    if (seed === undefined) throw new Error('it was not caught');
    const whole: string[] = [];
    await runSchedule({ seed, makeMutant: mutant, trace: (line) => whole.push(line) });
    const { trace, violation } = await shrink(seed, mutant);
    expect(violation.rule).toBe('no file is delivered twice');
    expect(trace.length).toBeLessThan(whole.length);
    expect(trace.filter((line) => line.includes('PUT K1')).length).toBeGreaterThanOrEqual(2);
  });
});
