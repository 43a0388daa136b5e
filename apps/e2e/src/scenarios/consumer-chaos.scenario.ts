import { runConsumerChaos } from '../consumer/run.ts';

it('puts every file on one disk, whole and once, while consumers are killed and requests fail', async () => {
  const { signal } = new AbortController();
  const chaos = { bundles: 9, kills: 9, seed: 3, signal, note: () => undefined };
  const { verdict, files, kills } = await runConsumerChaos(chaos);
  expect(verdict).toEqual({ missing: [], partial: [], duplicated: [] });
  expect(files).toBeGreaterThan(50);
  expect(kills).toBe(9);
});
