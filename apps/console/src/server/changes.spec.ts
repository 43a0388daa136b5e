import { createChanges } from './changes.ts';

it('a stop waits until the changes that it ends have been logged', async () => {
  const events: unknown[] = [];
  const changes = createChanges(({ message }) => void events.push(message));
  const { promise: finished, resolve: finish } = Promise.withResolvers<undefined>();
  const { confirmation } = changes.add({
    preview: {
      ...{ title: 'Redrive 2 cases', consequences: [], confirmLabel: 'Redrive', isFinal: false },
      ...{ affected: [], affectedTotal: 0 },
    },
    log: {},
    async execute(signal) {
      await finished;
      return { ok: !signal.aborted, sentences: [] };
    },
  });
  const result = changes.confirm(confirmation);
  const stopped = changes.stop().then(() => events.push('stopped'));
  finish(undefined);
  await stopped;
  expect(events).toEqual(['change.started', 'change.done', 'stopped']);
  await expect(result).resolves.toEqual({ ok: false, sentences: [] });
});
