import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackages } from '@data-aggregator/lambda-plugin/link-packages';
import { Failure } from '@data-aggregator/pipeline-client';
import { type Shell, shellIn } from './shell.ts';

/** A clone of the workspace's last commit, deleted when it is disposed of. */
export interface Clone extends Disposable {
  path: string;
  run: Shell;
  /** Names of its functions. */
  functions(): Promise<string[]>;
  /** Replaces text in a file. @throws Failure if the file does not contain it */
  edit(file: string, from: RegExp, to: string): Promise<void>;
  /** Reverts all changes. Build results stay, so that unchanged parts come from the cache. */
  restore(): Promise<void>;
}

/** Clones the last commit to a temporary folder, with the workspace's node_modules. */
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
      // The build results of an added function are left, because git ignores them.
      const left = added.split('\n').filter((name) => name.endsWith('/'));
      for (const name of left) await rm(join(path, name), { recursive: true, force: true });
    },
  };
}

/** Contents of a folder's files with this suffix, by name. */
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
