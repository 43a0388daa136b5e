import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subject } from './workloads/workload.ts';

/** This checkout's aggregator, copied, so that a build during the run does not change what is measured. */
export async function copySubject(root: string): Promise<Subject & { remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const artifact = join(folder, 'index.mjs');
  await copyFile(join(root, 'apps/aggregator/dist/function/index.mjs'), artifact);
  return { name: 'here', artifact, remove: () => rm(folder, { recursive: true, force: true }) };
}
