import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { wait } from '../pipeline/wait.ts';
import type { Expected, Run } from './run.ts';

export interface ProduceOptions {
  /** Files a second; as fast as it goes, where it is undefined. */
  pace?: number;
}

/** Makes the scenario's files and puts them into landing. None is ever held as a whole, but small ones. */
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
 * Puts one file of the scenario's kind and size.
 *
 * @param seed decides its content
 * @throws the signal's reason
 */
export async function put(
  { scenario, target, signal }: Run,
  key: string,
  seed: string = key,
): Promise<Expected> {
  const size = Math.round(scenario.size_mb * 1024 ** 2);
  const file = { key, type: scenario.generator_type, seed, size };
  const { versionId, sha256, landedAt } = await target.landing.send(file, signal);
  const { bucket } = target.landing;
  return { object: { bucket, key, version: { kind: 'id', versionId }, size, sha256 }, landedAt };
}
