import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackages } from '@data-aggregator/lambda-plugin/link-packages';
import { Failure } from '@data-aggregator/pipeline-client';
import { type Shell, shellIn } from './shell.ts';

/** A clone of the workspace's last commit, which may be changed and goes when it is disposed of. */
export interface Clone extends Disposable {
  path: string;
  run: Shell;
  /** Names of the functions that it holds. */
  functions(): Promise<string[]>;
  /** Replaces a text that a file holds. @throws Failure where it does not hold it */
  edit(file: string, from: RegExp, to: string): Promise<void>;
  /** Takes all changes back. What was built stays, so that unchanged parts come from the cache. */
  restore(): Promise<void>;
}

/** Clones the last commit to a temporary folder; npm's packages are those that the workspace has. */
export async function cloneWorkspace(workspaceRoot: string, signal: AbortSignal): Promise<Clone> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'data-aggregator-affected-')));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const path = join(folder, 'workspace');
    await shellIn(workspaceRoot, signal)('git', 'clone', '-q', workspaceRoot, path);
    linkPackages(workspaceRoot, path);
    return { ...openClone(path, signal), [Symbol.dispose]: remove };
  } catch (error) {
    remove();
    throw error;
  }
}

function openClone(path: string, signal: AbortSignal): Omit<Clone, keyof Disposable> {
  const run = shellIn(path, signal);
  return {
    path,
    run,
    functions: async () => {
      const manifests = await run('git', 'ls-files', '-co', '--exclude-standard', 'apps/*/function.json');
      return manifests
        .split('\n')
        .flatMap((file) => file.split('/')[1] ?? [])
        .sort();
    },
    edit: async (file, from, to) => {
      const before = await readFile(join(path, file), 'utf8');
      const after = before.replace(from, to);
      if (after === before) throw new Failure(`${file} does not hold ${from.source}: choose another change.`);
      await writeFile(join(path, file), after);
    },
    restore: async () => {
      const added = await run('git', 'ls-files', '--others', '--exclude-standard', '--directory', 'apps');
      await run('git', 'checkout', '-q', '.');
      await run('git', 'clean', '-fdq');
      // Of a function that was added, what was built of it is left: git ignores that.
      const left = added.split('\n').filter((name) => name.endsWith('/'));
      for (const name of left) await rm(join(path, name), { recursive: true, force: true });
    },
  };
}

/** Text of each file of a folder whose name ends so, by its name. */
export async function filesOf(folder: string, ending: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
  return new Map(
    await Promise.all(
      names.map(async (name): Promise<[string, string]> => [
        name,
        await readFile(join(folder, name), 'utf8'),
      ]),
    ),
  );
}
