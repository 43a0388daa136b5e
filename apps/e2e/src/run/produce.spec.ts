import { wait } from './produce.ts';

it('waits for the given time', async () => {
  const begun = performance.now();
  await wait(20, new AbortController().signal);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(19);
});

it('rejects with the reason of its signal', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const waiting = wait(60_000, controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(wait(60_000, controller.signal)).rejects.toBe(reason);
});
