import { runSchedule } from './schedule.ts';
import { shrink } from './shrink.ts';
import { steeredTwins, mutantNames, mutants, underSteeringOf } from './mutants.ts';

/** Schedules within which every broken twin must be caught. */
const ENOUGH = 10_000;

/** The first seed whose schedule breaks a rule. */
async function caughtAt(twin: (typeof mutantNames)[number], from = 1): Promise<number | undefined> {
  for (let seed = from; seed < from + ENOUGH; seed++) {
    if ((await runSchedule({ seed, makeTwin: mutants[twin] })).violation) return seed;
  }
  return undefined;
}

describe('the fault simulator', () => {
  it('finds nothing wrong with the code as it is', async () => {
    let faults = 0;
    for (let seed = 1; seed <= 1_000; seed++) {
      const result = await runSchedule({ seed });
      expect({ seed, violation: result.violation }).toEqual({ seed, violation: undefined });
      faults += result.faults;
    }
    expect(faults).toBeGreaterThan(1_000);
  }, 60_000);

  // What reveals a broken twin would reveal the same fault in the code.
  it.each(steeredTwins)(
    'finds nothing wrong with the code as it is under the steering of %s',
    async (twin) => {
      for (let seed = 1; seed <= 1_000; seed++) {
        const { violation } = await runSchedule({ seed, makeTwin: underSteeringOf(twin) });
        expect({ seed, violation }).toEqual({ seed, violation: undefined });
      }
    },
    60_000,
  );

  it.each(mutantNames)(
    'catches %s',
    async (twin) => {
      await expect(caughtAt(twin)).resolves.toBeDefined();
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

  it('shrinks what it finds to a trace that ends in the broken rule', async () => {
    const twin = mutants['retry-unknown-publish'];
    const seed = await caughtAt('retry-unknown-publish', 1_000);
    if (seed === undefined) throw new Error('it was not caught');
    const whole: string[] = [];
    await runSchedule({ seed, makeTwin: twin, trace: (line) => whole.push(line) });
    const { trace, violation } = await shrink(seed, twin);
    expect(violation.rule).toBe('no file is delivered twice');
    expect(trace.length).toBeLessThan(whole.length);
    expect(trace.filter((line) => line.includes('PUT K1')).length).toBeGreaterThanOrEqual(2);
  });
});
