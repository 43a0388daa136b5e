import {
  type MakeMutant,
  type MutantName,
  mutantNames,
  mutants,
  steeringOf,
  underSteeringOf,
} from './mutants/mutants.ts';
import type { Violation } from './rules/violation.ts';
import { runSchedule } from './schedule/schedule.ts';
import { shrink } from './schedule/shrink.ts';

/** Schedules within which every mutant must be caught. `simulator:random` runs 10,000 in its own target. */
const SCHEDULES = 250;
/** Schedules of the real code under a steering: at least these, and twice as many as its mutant needs to be caught. */
const MIN_SCHEDULES_UNDER_STEERING = 10;

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

/** Mutants that follow the protocol: what they break is not part of its model. */
const OUTSIDE_MODEL: Partial<Record<MutantName, string>> = {
  'acknowledge-partial-read': 'the model knows no bytes',
  'mix-groups': 'the model knows no groups',
  'visibility-shorter-than-claim': 'the model does not know when messages return',
  'reconcile-without-claims': 'the model does not know what the reconciler has read',
  'reconcile-without-marks': 'the model does not know what the reconciler has read',
  'reconcile-without-asking': 'the model does not know what the reconciler has read',
  'place-unsynced-files': 'the model knows no syncs',
  'delete-before-names-are-synced': 'the model knows no syncs',
  'delete-before-receipt-is-synced': 'the model knows no syncs',
  'commit-unsynced-plan': 'the model knows no syncs',
};

/** The first seeds whose schedules break a rule about files, and the protocol. */
async function firstViolations(mutant: MutantName): Promise<{ byRules?: number; byModel?: number }> {
  const first: { byRules?: number; byModel?: number } = {};
  const isComplete = () => first.byRules && (first.byModel ?? mutant in OUTSIDE_MODEL);
  for (let seed = 1; seed <= SCHEDULES && !isComplete(); seed++) {
    const { ruleViolation, modelViolation } = await runSchedule({ seed, makeMutant: mutants[mutant] });
    if (ruleViolation) first.byRules ??= seed;
    if (modelViolation) first.byModel ??= seed;
  }
  return first;
}

describe('the fault simulator', () => {
  it('finds no violation in the real code', async () => {
    await expect(failedSeed(undefined, SCHEDULES)).resolves.toBeUndefined();
  }, 120_000);

  // An error of the mutant's kind in the real code shows under the same steering, so it fails here as well.
  it.each(mutantNames)(
    'catches %s, and finds no violation in the real code under its steering',
    async (mutant) => {
      const { byRules, byModel } = await firstViolations(mutant);
      expect(byRules).toBeDefined();
      if (mutant in OUTSIDE_MODEL) expect(byModel).toBeUndefined();
      else expect(byModel).toBeDefined();
      if (!byRules || !steeringOf(mutant)) return;
      const schedules = Math.max(MIN_SCHEDULES_UNDER_STEERING, 2 * byRules);
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
