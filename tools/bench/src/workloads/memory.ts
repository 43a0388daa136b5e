import { sqsEvent } from '../notify.ts';
import { type BenchFile, files, KB, MB } from '../content.ts';
import { startMeasured } from '../process/measured.ts';
import { assertDone } from './batches.ts';
import type { Bench, Subject, Workload } from './workload.ts';

/** Peak memory of one invocation in a new process, compared with that of a tenth of the work. */
function memory(name: string, title: string, tenth: string, batch: BenchFile[], less: BenchFile[]): Workload {
  return {
    name,
    title,
    figure: 'peak RSS',
    unit: 'MB',
    floor: tenth,
    reach: { most: 400 },
    runs: 1,
    start: async (subject, bench) => ({
      sample: async () => ({
        value: await peakOf(batch, subject, bench),
        floor: await peakOf(less, subject, bench),
      }),
      stop: async () => undefined,
    }),
  };
}

async function peakOf(batch: readonly BenchFile[], subject: Subject, { standIn }: Bench): Promise<number> {
  const behaviour = { firstByteMs: 0 };
  await standIn.behave(behaviour);
  const measured = await startMeasured({ code: subject.artifact, endpoint: standIn.endpoint });
  try {
    const invocation = await measured.invoke(sqsEvent(batch));
    assertDone(invocation, await standIn.tally(), batch, behaviour);
    return invocation.peakBytes / MB;
  } finally {
    await measured.stop();
  }
}

export const memoryOfMany = memory(
  'memory-many',
  '3,000 × 5 KB, one batch',
  '300 of them',
  files(3000, 5 * KB, 'json'),
  files(300, 5 * KB, 'json'),
);

export const memoryOfMedium = memory(
  'memory-medium',
  '100 × 20 MB, one batch, half text and half noise',
  '10 of them',
  files(100, 20 * MB, 'text', 'noise'),
  files(10, 20 * MB, 'text', 'noise'),
);

export const memoryOfLarge = memory(
  'memory-large',
  '10 × 300 MB incompressible, one batch',
  '10 × 30 MB',
  files(10, 300 * MB, 'noise'),
  files(10, 30 * MB, 'noise'),
);
