import { World } from './explore/world.ts';
import { worlds } from './explore/worlds.ts';
import { search } from './explore/search.ts';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { mutants } from './mutants/mutants.ts';
Error.stackTraceLimit = 10;
await checksumOf('crc64nvme', new Uint8Array());
const [which, faults, mutant] = process.argv.slice(2);
const m = mutant && mutant !== '-' ? (mutants as any)[mutant] : undefined;
for (const world of worlds.filter((w) => which === 'all' || w.name === which)) {
  const w = new World(world, m, mutant==='complete-after-abort');
  const c = process.cpuUsage();
  const r = await search(w, { maxFaults: Number(faults) });
  const d = process.cpuUsage(c);
  console.log(world.name, r.states, r.ends, r.counterexample, w.automaton.executions, w.automaton.answers, 'cpu', ((d.user+d.system)/1e6).toFixed(1), (process.memoryUsage().rss/1e6).toFixed(0));
}
