import { figuresOf, type Figures } from './report/figures.ts';
import type { Bench, Running, Sample, Subject, Workload } from './workloads/workload.ts';

/** Measures a workload for all subjects alternately, run by run, so that noise affects all alike. */
export async function measure(
  workload: Workload,
  subjects: readonly Subject[],
  bench: Bench,
): Promise<Figures[]> {
  const running: Running[] = [];
  try {
    for (const subject of subjects) running.push(await workload.start(subject, bench));
    const samples = subjects.map((): Sample[] => []);
    for (let run = 0; run < workload.runs; run++) {
      for (const [index, one] of running.entries()) samples[index]?.push(await one.sample());
    }
    return samples.map(figuresOf);
  } finally {
    await Promise.all(running.map((one) => one.stop()));
  }
}
