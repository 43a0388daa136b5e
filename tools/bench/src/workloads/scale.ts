import { sqsEvent } from '../notify.ts';
import { startMeasured } from '../process/measured.ts';
import { assertDone } from './batches.ts';
import { batchesOf, files, KB, MB } from './files.ts';
import type { Bench, Subject } from './workload.ts';

/** What a number of files took. */
export interface ScalePoint {
  files: number;
  /** Processor time a file, ms. */
  cpuMs: number;
  /** Peak memory of the process, MB. */
  peakMb: number;
}

/** How cost and memory follow the number of files: flat lines, or something is quadratic. */
export interface Scale {
  /** Notifications in one invocation, each number in a process of its own. */
  batch: ScalePoint[];
  /** Files that one process has worked off in batches of 2,000. */
  backlog: ScalePoint[];
}

const BATCHES = [10, 100, 1000, 3000];
const BACKLOG_BATCH = 2000;
const BACKLOGS = [1000, 10_000, 100_000];
const behaviour = { firstByteMs: 0 };

export async function measureScale(subject: Subject, bench: Bench): Promise<Scale> {
  const batch: ScalePoint[] = [];
  for (const count of BATCHES) batch.push(...(await workOff(count, count, [count], subject, bench)));
  const backlog = await workOff(Math.max(...BACKLOGS), BACKLOG_BATCH, BACKLOGS, subject, bench);
  return { batch, backlog };
}

/** Works files off in one warm process, and notes where it stands at each of the counts. */
async function workOff(
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
