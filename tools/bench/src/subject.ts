import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { linkPackages } from '@data-aggregator/lambda-plugin/link-packages';
import type { Subject } from './workloads/workload.ts';

const run = promisify(execFile);

export interface BuiltRevision {
  /** The absolute path of the aggregator's index.mjs. */
  artifact: string;
  remove(): Promise<void>;
}

/**
 * Builds the aggregator of another revision in its own work tree, with this checkout's installed packages.
 *
 * @throws Error if there is no such revision, or it does not build
 */
export async function buildRevision(root: string, revision: string): Promise<BuiltRevision> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const tree = join(folder, 'tree');
  const remove = async () => {
    await run('git', ['worktree', 'remove', '--force', tree], { cwd: root });
    await rm(folder, { recursive: true, force: true });
  };
  await run('git', ['worktree', 'add', '--detach', tree, revision], { cwd: root }).catch(async (cause) => {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`there is no revision ${JSON.stringify(revision)}`, { cause });
  });
  try {
    linkPackages(root, tree);
    const env = { ...process.env, NX_DAEMON: 'false', NX_WORKSPACE_ROOT_PATH: tree };
    const nx = join(tree, 'node_modules/nx/dist/bin/nx.js');
    await run(process.execPath, [nx, 'build', 'aggregator'], { cwd: tree, env });
  } catch (cause) {
    await remove();
    throw new Error(`the aggregator of ${revision} does not build`, { cause });
  }
  return { artifact: join(tree, 'apps/aggregator/dist/function/index.mjs'), remove };
}

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
