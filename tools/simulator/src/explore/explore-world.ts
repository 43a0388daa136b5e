import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { type MutantName, mutants } from '../mutants/mutants.ts';
import { search, type SearchResult } from './search.ts';
import { World } from './world.ts';
import { worlds } from './worlds.ts';

/** A world to explore. */
export interface Task {
  world: string;
  maxFaults: number;
  break?: MutantName | undefined;
}

export interface Found extends SearchResult {
  world: string;
  /** Whether every state up to its bound was visited. */
  isComplete: boolean;
  seconds: number;
}

/** Explores one world. @throws Error if there is no world with this name */
export async function exploreWorld({ world: name, maxFaults, break: broken }: Task): Promise<Found> {
  // Loads WebAssembly: from here on, the code only waits for calls.
  await checksumOf('crc64nvme', new Uint8Array());
  const description = worlds.find((it) => it.name === name);
  if (!description) throw new Error(`there is no world "${name}"`);
  const began = performance.now();
  // This mutant changes S3, which a small world has its own model of.
  const world = new World(description, broken && mutants[broken], broken === 'complete-after-abort');
  const bound = Math.min(maxFaults, description.maxFaults ?? maxFaults);
  const result = await search(world, bound);
  return {
    ...result,
    isComplete: result.faultsBound === bound,
    world: name,
    seconds: (performance.now() - began) / 1_000,
  };
}
