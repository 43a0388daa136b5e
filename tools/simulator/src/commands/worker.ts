import { parentPort } from 'node:worker_threads';
import { runSchedule } from '../schedule/schedule.ts';
import { makeMutantOf, type Variant } from '../mutants/mutants.ts';

/** Seeds for a worker to run. */
export interface Chunk extends Variant {
  from: number;
  count: number;
}

/** The result of a chunk, which ends at the first seed that breaks a rule. */
export interface ChunkResult {
  schedules: number;
  steps: number;
  faults: number;
  files: number;
  failedSeed?: number;
}

export async function runChunk(chunk: Chunk): Promise<ChunkResult> {
  const makeMutant = makeMutantOf(chunk);
  const result: ChunkResult = { schedules: 0, steps: 0, faults: 0, files: 0 };
  for (let seed = chunk.from; seed < chunk.from + chunk.count; seed++) {
    const { violation, steps, faults, files } = await runSchedule({
      seed,
      ...(makeMutant && { makeMutant }),
    });
    result.schedules++;
    result.steps += steps;
    result.faults += faults;
    result.files += files;
    if (violation) return { ...result, failedSeed: seed };
  }
  return result;
}

parentPort?.on('message', (chunk: Chunk) => {
  void runChunk(chunk).then((result) => parentPort?.postMessage(result));
});
