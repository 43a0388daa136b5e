import { World } from '/work/wt/explore/tools/simulator/src/explore/world.ts';
import { search } from '/work/wt/explore/tools/simulator/src/explore/search.ts';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { mutants } from '/work/wt/explore/tools/simulator/src/mutants.ts';
Error.stackTraceLimit = 10;
await checksumOf('crc64nvme', new Uint8Array());
const [builders, faults, batches, mutant] = process.argv.slice(2);
const m = mutant && mutant !== '-' ? mutants[mutant] : undefined;
const w = new World({ name: 'x', objects: [{ key: 'a', bytes: 20 }, { key: 'b', bytes: 60 }], messages: [[0], [1]], batches, builders: Number(builders) }, m, mutant==='complete-after-abort');
for (let f = 0; f <= Number(faults); f++) {
  const t = performance.now();
  const r = await search(w, { maxFaults: f, onProgress: (n) => n % 100000 === 0 && process.stderr.write(n + ' ') });
  console.log(f, r.states, r.ends, r.counterexample, w.automaton.executions, w.automaton.answers, ((performance.now() - t) / 1000).toFixed(1), (process.memoryUsage().rss/1e6).toFixed(0));
  if (r.counterexample) break;
}
