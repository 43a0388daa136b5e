import { mutantNames } from '../mutants/mutants.ts';
import { exploreWorld } from './explore-world.ts';
import { findMutant, places } from './find-mutants.ts';
import { worlds } from './worlds.ts';

describe('the exhaustive search', () => {
  it.each(worlds.map(({ name }) => name))(
    'finds no violation without faults in the world "%s"',
    async (world) => {
      const { counterexample, faultsBound } = await exploreWorld({ world, maxFaults: 0 });
      expect(counterexample).toBeUndefined();
      expect(faultsBound).toBe(0);
    },
  );

  it.each(['two versions of a key, claimed concurrently', 'an upload in parts', 'groups'])(
    'finds no violation with one fault in the world "%s"',
    async (world) => {
      const { counterexample, faultsBound, ends } = await exploreWorld({ world, maxFaults: 1 });
      expect(counterexample).toBeUndefined();
      expect(faultsBound).toBe(1);
      expect(ends).toBeGreaterThan(100);
    },
    120_000,
  );

  it.each(Object.keys(places) as (keyof typeof places)[])(
    'finds the mutant %s by itself',
    async (mutant) => {
      const { foundIn } = await findMutant(mutant);
      expect(foundIn).toEqual(places[mutant]);
    },
    60_000,
  );

  it('knows for every mutant where it is found, or why it is not', async () => {
    for (const mutant of mutantNames.filter((name) => !places[name]))
      expect(await findMutant(mutant)).toMatchObject({ mutant, isExpected: true });
  });

  it('tells how a rule is broken', async () => {
    const { counterexample } = await exploreWorld({ world: 'groups', maxFaults: 1, break: 'no-grace' });
    expect(counterexample?.faults).toBe(1);
    expect(counterexample?.violation.rule).toBe('no file is delivered twice');
    expect(counterexample?.trace.filter((line) => / (lost|dies)/.test(line))).toHaveLength(1);
    expect(counterexample?.trace.filter((line) => /PUT distribution\/K\d/.test(line)).length).toBeGreaterThan(
      1,
    );
  }, 60_000);

  it('visits the same states each time', async () => {
    const states = async () => (await exploreWorld({ world: 'one message', maxFaults: 0 })).states;
    expect(await states()).toBe(await states());
  });
});
