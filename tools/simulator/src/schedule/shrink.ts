import type { Violation } from '../rules/violation.ts';
import { runSchedule } from './schedule.ts';
import type { MakeMutant } from '../mutants/mutants.ts';

/** A shrunk schedule that breaks a rule. */
export interface Counterexample {
  seed: number;
  violation: Violation;
  /** The events in order. Bundles are called K1, K2, …, object versions o1, o2, … */
  trace: string[];
}

interface Attempt {
  violation: Violation | undefined;
  trace: string[];
  files: number;
  faults: number;
}

/** Removes files, then faults, one by one, as long as a rule still breaks and the trace does not grow. */
export async function shrink(seed: number, makeMutant: MakeMutant | undefined): Promise<Counterexample> {
  const attempt = async (maxFiles: number, spared: ReadonlySet<number>): Promise<Attempt> => {
    const trace: string[] = [];
    const onTrace = (line: string) => trace.push(line);
    const result = await runSchedule({
      seed,
      maxFiles,
      spared,
      trace: onTrace,
      ...(makeMutant && { makeMutant }),
    });
    return { ...result, trace };
  };
  const isBetter = (it: Attempt, best: Attempt) => it.violation && it.trace.length <= best.trace.length;

  let best = await attempt(Infinity, new Set());
  if (!best.violation) throw new Error(`the schedule of seed ${seed} breaks no rule`);

  let maxFiles = best.files;
  for (let files = 1; files < best.files; files++) {
    const it = await attempt(files, new Set());
    if (isBetter(it, best)) [best, maxFiles] = [it, files];
  }

  let spared: ReadonlySet<number> = new Set();
  for (let fault = best.faults - 1; fault >= 0; fault--) {
    const more = new Set([...spared, fault]);
    const it = await attempt(maxFiles, more);
    if (isBetter(it, best)) [best, spared] = [it, more];
  }
  const { violation, trace } = best as Attempt & { violation: Violation };
  const rename = renamer();
  return {
    seed,
    violation: { ...violation, detail: rename(violation.detail) },
    trace: trace.map(rename),
  };
}

/** Replaces long names with short ones, numbered in order of appearance. */
function renamer(): (text: string) => string {
  const names = new Map<string, string>();
  const counts: Record<string, number> = {};
  const nameOf = (long: string, letter: string) => {
    const known = names.get(long);
    if (known) return known;
    counts[letter] = (counts[letter] ?? 0) + 1;
    names.set(long, `${letter}${counts[letter]}`);
    return `${letter}${counts[letter]}`;
  };
  return (text) =>
    text
      .replaceAll(BUNDLE, (_, id: string) => nameOf(id, 'K'))
      .replaceAll(
        /\b(claim|quarantine)#([\w-]+)/g,
        (_, of: string, id: string) => `${of} ${nameOf(id, 'o')}`,
      );
}

/** A bundle's key, or what remains of it in the name of a folder or file. */
const BUNDLE = /(?:bundles\/[\w./-]*\/)?(bundle-\d{8}T\d{6}Z-[0-9a-f]{16})(?:\.[\w.-]*tar)?/g;
