import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startFunction } from '../process/function-process.ts';
import { aggregatorEnvironment } from '../process/measured.ts';
import { KB } from '../content.ts';
import type { Workload } from './workload.ts';

const empty = {
  codeFolder: join(import.meta.dirname, '../handlers'),
  handler: 'empty.handler',
  environment: {},
};

/** A cold start: from the start of the process until it polls for work. */
export const coldStart: Workload = {
  name: 'cold-start',
  title: 'process start to first poll',
  figure: 'start',
  unit: 'ms',
  floor: 'an empty handler',
  reach: { times: 2 },
  runs: 11,
  start: async (subject, { standIn }) => ({
    sample: async () => ({
      floor: await firstPoll(empty),
      value: await firstPoll({
        codeFolder: dirname(subject.artifact),
        handler: 'index.handler',
        environment: aggregatorEnvironment(standIn.endpoint),
      }),
    }),
    stop: async () => undefined,
  }),
};

async function firstPoll(code: Parameters<typeof startFunction>[0]): Promise<number> {
  const { firstPollMs, stop } = await startFunction(code);
  const ms = await firstPollMs;
  await stop();
  return ms;
}

export const bundleSize: Workload = {
  name: 'bundle-size',
  title: "the function's code",
  figure: 'size',
  unit: 'KB',
  reach: { most: 600 },
  runs: 1,
  start: async ({ artifact }) => ({
    sample: async () => ({ value: (await stat(artifact)).size / KB }),
    stop: async () => undefined,
  }),
};
