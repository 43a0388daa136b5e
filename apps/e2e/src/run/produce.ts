import { mapConcurrently, systemClock } from '@data-aggregator/shared-processing/retry';
import type { Expected, Run } from './run.ts';

export interface ProduceOptions {
  /** Files per second; undefined: as fast as possible. */
  pace?: number;
}

/** Generates the scenario's files and uploads them to landing. Only small files are held in memory. */
export async function produce(run: Run, { pace }: ProduceOptions = {}): Promise<Expected[]> {
  const { scenario, prefix, signal, progress } = run;
  progress.phase('producing');
  let uploaded = 0;
  const began = performance.now();
  const numbers = Array.from({ length: scenario.num_files }, (_, index) => index);
  return mapConcurrently(numbers, scenario.concurrency, async (index) => {
    if (pace !== undefined) {
      const early = began + (index / pace) * 1_000 - performance.now();
      await wait(Math.max(0, early), signal);
    }
    const expected = await put(run, `${prefix}source_file_${String(index + 1).padStart(4, '0')}.bin`);
    progress.update({ uploaded: ++uploaded });
    return expected;
  });
}

/**
 * Uploads one file of the scenario's kind and size.
 *
 * @param seed determines its content
 * @throws the signal's reason
 */
export async function put(
  { scenario, target, signal }: Run,
  key: string,
  seed: string = key,
): Promise<Expected> {
  const size = Math.round(scenario.size_mb * 1024 ** 2);
  return target.landing.send({ key, type: scenario.generator_type, seed, size }, signal);
}

/** Waits for the given milliseconds. @throws the signal's reason, at once */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await systemClock.sleep(ms, signal);
  signal.throwIfAborted();
}
