import { createRandom } from '@data-aggregator/shared-processing/testing';
import { World } from './world.ts';

it('knows when the last effect happens that comes late, however late its actor was allowed to run', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const world = new World({
      ...{ random: createRandom(seed), faultiness: 0, lateness: 15_000, spared: new Set() },
      steer: () => 'dies-effect-comes-late',
    });
    const operator = { name: 'operator', drift: 0, deadline: world.now + 900_000, dead: false };
    let isDone = false;
    void world.call(operator, 'SendMessage', true, async () => void (isDone = true));
    await world.decideCall();
    await world.advanceTo(world.lastLateEffectAt - 1);
    expect(isDone).toBe(false);
    await world.advanceTo(world.lastLateEffectAt);
    expect(isDone).toBe(true);
  }
});
