import { build, outcomeOfSize } from './build.ts';
import { candidatesOf } from './handle.ts';
import { recordsOf } from './message-records.ts';
import { createRing } from './ring.ts';
import { harness } from './testing/harness.ts';
import { timeBudget } from './time-budget.ts';

describe('building a packed bundle', () => {
  it('ends with the members that were read in time, and leaves the others unstarted', async () => {
    const h = harness({
      readMs: 21_000,
    });
    const budget = timeBudget(h.clock.now(), h.clock.now() + 60_000);
    expect(budget.buildUntil - budget.start).toBe(42_000);
    const dependencies = { ...h.dependencies(), readAhead: { ring: createRing(1_000), maxReads: 1 } };
    const message = h.notify(...['a', 'b', 'c'].map((key) => h.land(key, key)));
    const candidates = candidatesOf(recordsOf(message, dependencies.admission));
    const planned = { kind: 'packed' as const, members: candidates, bytes: 3 };
    const noParts = { put: () => Promise.reject(new Error('it fits')), stop: () => undefined };

    const writer = dependencies.newWriter(planned, noParts);
    const { members, left } = await build(planned, writer, budget, dependencies);
    expect(members.map(({ name }) => name)).toEqual(['a']);
    expect([...left].map(([{ landed }, outcome]) => [landed.key, outcome.kind])).toEqual([
      ['b', 'unstarted'],
      ['c', 'unstarted'],
    ]);
  });
});

describe('the outcome of a size', () => {
  it('is a refusal only above the limit', () => {
    expect(outcomeOfSize(1_000, 1_000)).toBeUndefined();
    expect(outcomeOfSize(1_001, 1_000)).toMatchObject({ kind: 'refused', reason: 'too-large' });
  });
});
