import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

// The last part to start, after the event source mappings have begun to poll.
jest.mock('../gateway/lambda-rest.ts', () => ({
  lambdaRest: () => {
    throw new Error('the last part does not start');
  },
}));

test('the failure of the last part to start stops every part before it', async () => {
  const scratch = () =>
    readdirSync(tmpdir()).filter((name) => name.startsWith(`local-cloud-${process.pid}-`));
  const told: string[] = [];
  await expect(
    startCloud({ assembly: writeAssembly(fixture), logger: (line) => told.push(line) }),
  ).rejects.toThrow('the last part does not start');
  // A mapping that still polled would find its queue closed.
  await sleep(200);
  expect(told).toEqual([]);
  expect(scratch()).toEqual([]);
});
