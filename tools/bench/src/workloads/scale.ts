import { sqsEvent } from '../notify.ts';
import { startMeasured } from '../process/measured.ts';
import { assertDone } from './batches.ts';
import { batchesOf, files, KB, MB } from '../content.ts';
import type { Bench, Subject } from './workload.ts';

/** Cost and memory for a number of files. */
export interface ScalePoint {
  files: number;
  /** CPU time per file, ms. */
  cpuMs: number;
  /** Peak memory of the process, MB. */
  peakMb: number;
}

/** Cost and memory by number of files. Unless they stay flat, something is quadratic. */
export interface Scale {
  /** All files in one invocation; each number of files in its own process. */
  batch: ScalePoint[];
  /** Files that one process has handled in batches of 2,000. */
  backlog: ScalePoint[];
}

const BATCHES = [10, 100, 1000, 3000];
const BACKLOG_BATCH = 2000;
const BACKLOGS = [1000, 10_000, 100_000];
const behaviour = { firstByteMs: 0 };

export async function measureScale(subject: Subject, bench: Bench): Promise<Scale> {
  const batch: ScalePoint[] = [];
  for (const count of BATCHES) batch.push(...(await processFiles(count, count, [count], subject, bench)));
  const backlog = await processFiles(Math.max(...BACKLOGS), BACKLOG_BATCH, BACKLOGS, subject, bench);
  return { batch, backlog };
}

/** Processes files in one warm process, and records cost and memory at each of the counts. */
async function processFiles(
  total: number,
  batchSize: number,
  counts: readonly number[],
  subject: Subject,
  { standIn }: Bench,
): Promise<ScalePoint[]> {
  const points: ScalePoint[] = [];
  const measured = await startMeasured({ code: subject.artifact, endpoint: standIn.endpoint });
  try {
    await measured.invoke(sqsEvent(files(100, 5 * KB, 'json')));
    let done = 0;
    let cpuMs = 0;
    const all = files(total, 5 * KB, 'json');
    for (const batch of counts.flatMap((end, i) =>
      batchesOf(all.slice(counts[i - 1] ?? 0, end), batchSize),
    )) {
      await standIn.behave(behaviour);
      const invocation = await measured.invoke(sqsEvent(batch));
      assertDone(invocation, await standIn.tally(), batch, behaviour);
      done += batch.length;
      cpuMs += invocation.cpuMs;
      if (counts.includes(done)) {
        points.push({ files: done, cpuMs: cpuMs / done, peakMb: invocation.peakBytes / MB });
      }
    }
    return points;
  } finally {
    await measured.stop();
  }
}
