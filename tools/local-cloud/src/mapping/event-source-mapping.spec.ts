import { nextBackoff } from './event-source-mapping.ts';

test('a mapping waits after an error, longer after each, up to ten seconds', () => {
  const waits: number[] = [];
  for (let wait = 0; waits.length < 8; waits.push(wait)) wait = nextBackoff(wait);
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});
