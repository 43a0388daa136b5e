import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

// lambdaRest is created last, after the event source mappings have begun to poll.
jest.mock('../gateway/lambda-rest.ts', () => ({
  lambdaRest: () => {
    throw new Error('the last part does not start');
  },
}));

test('if the last part fails to start, all earlier parts are stopped', async () => {
  const scratch = () =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`local-cloud-${process.pid}-`));
  const told: string[] = [];
  await expect(
    startCloud({ assembly: writeAssembly(fixture), logger: (line) => told.push(line) }),
  ).rejects.toThrow('the last part does not start');
  // A mapping still polling would report its closed queue.
  await sleep(200);
  expect(told).toEqual([]);
  expect(scratch()).toEqual([]);
});
