import { setImmediate as turn } from 'node:timers/promises';
import type { BundleWriter } from './bundle/index.ts';
import { handleMessages } from './handle.ts';
import { harness } from './testing/harness.ts';

/** Handles one message with a writer whose `discard` ends when the test says so. */
function handleWithSlowDiscard() {
  const h = harness();
  const dependencies = h.dependencies();
  let discarded: () => void = () => undefined;
  const newWriter = (...given: Parameters<typeof dependencies.newWriter>): BundleWriter => {
    const writer = dependencies.newWriter(...given);
    return {
      ...writer,
      async discard() {
        await writer.discard();
        await new Promise<void>((resolve) => (discarded = resolve));
      },
    };
  };
  let isDone = false;
  const message = h.notify(h.land('a.txt', 'content'));
  const handled = handleMessages([message], h.clock.now() + 60_000, { ...dependencies, newWriter }).finally(
    () => (isDone = true),
  );
  return { h, handled, isDone: () => isDone, discard: () => discarded() };
}

describe('deliver', () => {
  it('does not end before its writer has released its memory', async () => {
    const { h, handled, isDone, discard } = handleWithSlowDiscard();
    // As long as it takes until the bundle is there, and some turns more.
    while (h.items.items.size < 2) await turn();
    for (let turns = 0; turns < 20; turns++) await turn();
    expect(h.bundles()).toHaveLength(1);
    expect(isDone()).toBe(false);
    discard();
    await expect(handled).resolves.toEqual({ batchItemFailures: [] });
  });
});
