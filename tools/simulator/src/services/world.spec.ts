import { once } from 'node:events';
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

it('ends what waits for a deadline, and answers no call after its end', async () => {
  const world = new World({ random: createRandom(1), faultiness: 0, lateness: 1, spared: new Set() });
  const actor = { name: 'invocation', drift: 0, deadline: world.now + 1_000, dead: false };
  const signal = world.clockOf(actor).signalAt(world.now + 1_000);
  let calls = 0;
  const work = async () => {
    await once(signal, 'abort');
    await world.call(actor, 'GetItem', false, async () => void calls++);
    throw new Error('it was answered');
  };
  void work();
  world.end();
  await world.settle();
  expect(signal.aborted).toBe(true);
  expect([world.hasReadyCall, calls]).toEqual([false, 0]);
});
