import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningConsumer } from './world.ts';

/** The memory of a consumer at one moment. */
export interface MemorySample {
  /** Bundles that it has delivered by then. */
  delivered: number;
  /** Resident memory, MiB. */
  megabytes: number;
}

const SAMPLE_MS = 250;
/**
 * Growth from the second quarter to the last that still counts as flat. Flat memory varies by 1 to 2 %, with the moment of the last garbage
 * collection. With 10,000 bundles, 5 % are about 1 KB for each.
 */
const MAX_GROWTH = 1.05;

/** The memory of a consumer until it ends. @throws Error if this system does not tell it: only Linux does */
export async function sampled(
  { child, events, ended }: RunningConsumer,
  signal: AbortSignal,
): Promise<MemorySample[]> {
  const samples: MemorySample[] = [];
  let isOver = false;
  void ended.then(() => (isOver = true));
  let [delivered, read] = [0, 0];
  while (!isOver) {
    await sleep(SAMPLE_MS, undefined, { signal });
    for (; read < events.length; read++) if (events[read]?.event === 'bundle.delivered') delivered++;
    const megabytes = residentMegabytes(child.pid);
    if (megabytes !== undefined) samples.push({ delivered, megabytes });
  }
  if (samples.length === 0) throw new Error('the memory of a process cannot be read on this system');
  return samples;
}

/** Undefined once the process has ended. */
function residentMegabytes(pid: number | undefined): number | undefined {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** The most memory in each part of a backlog, MiB; 0 for a part without samples. @param count bundles of the backlog */
export function maximaOf(samples: readonly MemorySample[], count: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, part) =>
    samples
      .filter(({ delivered }) => Math.min(parts - 1, Math.floor((delivered / count) * parts)) === part)
      .reduce((most, { megabytes }) => Math.max(most, megabytes), 0),
  );
}

/** The most memory in the last quarter of a backlog, as a multiple of that in the second. The first is for warming up. */
export function growthOf(samples: readonly MemorySample[], count: number): number {
  const [, second, , last] = maximaOf(samples, count, 4);
  return second !== undefined && last !== undefined && second > 0 && last > 0 ? last / second : Infinity;
}

/** Whether memory stays the same however many bundles have been delivered. */
export function isFlat(samples: readonly MemorySample[], count: number): boolean {
  return growthOf(samples, count) <= MAX_GROWTH;
}
