import { setImmediate as turn } from 'node:timers/promises';
import { CallError } from '@data-aggregator/shared-processing/errors';
import { recordingLog } from '@data-aggregator/shared-processing/observability/testing';
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

  it('keeps claims and bundle records as long as the setting says', async () => {
    const h = harness();
    await h.handle([h.notify(h.land('a', 'x'))]);
    const expires = h.clock.now() / 1_000 + 86_400;
    expect([...h.items.items.values()]).toMatchObject([{ expires }, { expires }]);
  });

  it.each([
    ['was published', 'recordBundle', []],
    ['was given up', 'giveUp', [{ itemIdentifier: 'message-1' }]],
  ] as const)(
    'does without the record of a bundle that %s, and logs that it is missing',
    async (_outcome, method, batchItemFailures) => {
      const lost = new CallError('a call', { outcome: 'unknown', code: 'ECONNRESET' });
      const h = harness({
        store: (store) => ({
          ...store,
          put: (object) =>
            method === 'giveUp' && object.bucket === 'distribution'
              ? Promise.reject(lost)
              : store.put(object),
        }),
      });
      const dependencies = { ...h.dependencies(), log: recordingLog() };
      dependencies.ledger[method] = () => Promise.reject(lost);
      const message = h.notify(h.land('a', 'x'));
      await expect(handleMessages([message], h.clock.now() + 60_000, dependencies)).resolves.toEqual({
        batchItemFailures,
      });
      const unrecorded = dependencies.log.events.filter(({ event }) => event === 'bundle.unrecorded');
      expect(unrecorded.map(({ fields }) => fields['error'])).toEqual([lost]);
    },
  );
});
