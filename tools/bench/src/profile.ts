import { readdir, readFile, writeFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { flameGraph } from './report/flame-graph.ts';
import { type CpuProfile, framesOf } from './report/frames.ts';
import { sourceMapOf } from './subject.ts';

const ENDING = '.cpuprofile';

/** Draws the missing flame graphs of the profiles in a folder. Returns the paths of the new files. */
export async function drawProfiles(folder: string, artifact: string, title: string): Promise<string[]> {
  const map = new SourceMap(JSON.parse(await readFile(sourceMapOf(artifact), 'utf8')));
  const names = await readdir(folder);
  const drawn: string[] = [];
  for (const name of names.filter((one) => one.endsWith(ENDING))) {
    const target = `${name.slice(0, -ENDING.length)}.svg`;
    if (names.includes(target)) continue;
    const profile = JSON.parse(await readFile(join(folder, name), 'utf8')) as CpuProfile;
    await writeFile(join(folder, target), flameGraph(framesOf(profile, map), title));
    drawn.push(join(folder, target));
  }
  return drawn;
}
