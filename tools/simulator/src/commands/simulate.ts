import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Variant } from '../mutants/mutants.ts';
import type { Chunk, ChunkResult } from './worker.ts';

export interface SimulationOptions extends Variant {
  schedules: number;
  seed: number;
  onProgress?: (done: number) => void;
}

export interface SimulationResult {
  schedules: number;
  steps: number;
  faults: number;
  files: number;
  seconds: number;
  /** The lowest seed run so far whose schedule breaks a rule. */
  failedSeed: number | undefined;
}

const CHUNK = 250;

/** Runs schedules, one per seed, on all cores, until all are done or one breaks a rule. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const began = performance.now();
  const end = options.seed + options.schedules;
  const total = { schedules: 0, steps: 0, faults: 0, files: 0 };
  const failed: number[] = [];
  let next = options.seed;

  const work = async (worker: Worker) => {
    while (next < end && failed.length === 0) {
      const { break: broken, steer } = options;
      const chunk: Chunk = { from: next, count: Math.min(CHUNK, end - next), break: broken, steer };
      next += chunk.count;
      worker.postMessage(chunk);
      const [result] = (await once(worker, 'message')) as [ChunkResult];
      for (const key of ['schedules', 'steps', 'faults', 'files'] as const) total[key] += result[key];
      if (result.failedSeed !== undefined) failed.push(result.failedSeed);
      options.onProgress?.(total.schedules);
    }
    await worker.terminate();
  };
  const workers = Array.from(
    { length: Math.min(availableParallelism(), Math.ceil(options.schedules / CHUNK)) },
    () => new Worker(new URL('./worker.ts', import.meta.url)),
  );
  await Promise.all(workers.map(work));
  const seconds = (performance.now() - began) / 1000;
  return { ...total, seconds, failedSeed: failed.length > 0 ? Math.min(...failed) : undefined };
}
