import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { MutantName } from '../mutants/mutants.ts';
import type { Counterexample } from './search.ts';
import type { Found, Task } from './explore-world.ts';

export interface ExploreOptions {
  /** Names of worlds. */
  worlds: readonly string[];
  maxFaults: number;
  break?: MutantName | undefined;
  say: (line: string) => void;
}

export interface Exploration {
  worlds: Found[];
  faultsBound: number;
  violations: (Counterexample & { world: string })[];
  /** Whether every world was explored up to the bound, or to its own. */
  complete: boolean;
  seconds: number;
}

/** Memory of a worker: millions of states. */
const MAX_MEGABYTES = 6_000;

/** Explores worlds, one per core at a time. A world with a violation is explored no further. */
export async function explore({
  worlds,
  maxFaults,
  break: broken,
  say,
}: ExploreOptions): Promise<Exploration> {
  const began = performance.now();
  const left = [...worlds];
  const found: Found[] = [];
  const work = async (worker: Worker) => {
    for (let world = left.shift(); world !== undefined; world = left.shift()) {
      const task: Task = { world, maxFaults, break: broken };
      worker.postMessage(task);
      const [result] = (await once(worker, 'message')) as [Found];
      found.push(result);
      const { states, ends, seconds, faultsBound: bound } = result;
      say(`${world}: up to ${bound} faults, ${states} states, ${ends} endings in ${seconds.toFixed(1)} s`);
    }
    await worker.terminate();
  };
  const count = Math.min(availableParallelism(), worlds.length);
  const resourceLimits = { maxOldGenerationSizeMb: MAX_MEGABYTES };
  const workers = Array.from({ length: count }, () => {
    return new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits });
  });
  await Promise.all(workers.map(work));
  return {
    worlds: found,
    faultsBound: Math.max(...found.map((world) => world.faultsBound)),
    violations: found.flatMap(({ world, counterexample }) =>
      counterexample ? { ...counterexample, world } : [],
    ),
    complete: found.every(({ isComplete }) => isComplete),
    seconds: (performance.now() - began) / 1_000,
  };
}
