import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subject } from './workloads/workload.ts';

/** The source map of a copied artifact. */
export const sourceMapOf = (artifact: string) => `${artifact}.map`;

/** Copies this checkout's aggregator, so that a build during the run does not change it. */
export async function copySubject(root: string): Promise<Subject & { remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const artifact = join(folder, 'index.mjs');
  const built = join(root, 'apps/aggregator/dist');
  await copyFile(join(built, 'function/index.mjs'), artifact);
  await copyFile(join(built, 'index.mjs.map'), sourceMapOf(artifact));
  return { name: 'here', artifact, remove: () => rm(folder, { recursive: true, force: true }) };
}
