import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mutant } from './mutate.ts';
import { replaceAt } from './text.ts';

/**
 * Runs each mutant that no spec noticed through random schedules of the simulator. A mutant with which the simulator breaks a rule, fails
 * or does not end is killed.
 *
 * @param folder a copy of the workspace, in which mutants replace the sources one after another
 * @param schedules per mutant
 * @throws Error if the simulator fails without any mutant
 */
export async function simulateSurvivors(
  mutants: readonly Mutant[],
  folder: string,
  schedules: number,
  onProgress: (done: number) => void,
): Promise<Mutant[]> {
  if (!(await passes(folder, schedules))) throw new Error('The simulator fails without any mutant.');
  const results: Mutant[] = [];
  for (const mutant of mutants) {
    results.push({ ...mutant, fate: (await isCaught(mutant, folder, schedules)) ? 'killed' : 'survived' });
    onProgress(results.length);
  }
  return results;
}

/** Far more than the schedules take, for a mutant that makes one run forever. */
const MS_PER_SCHEDULE = 50;
const START_MS = 30_000;

async function isCaught(
  { file, location, replacement }: Mutant,
  folder: string,
  schedules: number,
): Promise<boolean> {
  const path = join(folder, file);
  const text = await readFile(path, 'utf8');
  await writeFile(path, replaceAt(text, location, replacement));
  try {
    return !(await passes(folder, schedules));
  } finally {
    await writeFile(path, text);
  }
}

function passes(folder: string, schedules: number): Promise<boolean> {
  const script = join(folder, 'tools/simulator/src/commands/random.ts');
  const options = {
    cwd: folder,
    timeout: START_MS + schedules * MS_PER_SCHEDULE,
    maxBuffer: 64 * 1024 * 1024,
  };
  return new Promise((done) => {
    execFile(process.execPath, [script, '--schedules', String(schedules)], options, (error) =>
      done(error === null),
    );
  });
}
