import { spawn } from 'node:child_process';
import { existsSync, readdirSync, watch, type FSWatcher } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { WorkspaceFunction } from '@data-aggregator/function-manifest';

export interface RebuildOptions {
  readonly workspaceRoot: string;
  readonly functions: readonly WorkspaceFunction[];
  /** Called after a function was built. */
  readonly onBuilt: (fn: WorkspaceFunction) => void;
  readonly say: (line: string) => void;
  /** Builds one function; default: `nx build`. */
  readonly build?: Build;
}

/** @param signal aborts an outdated build */
export type Build = (
  name: string,
  workspaceRoot: string,
  signal: AbortSignal,
) => Promise<{ readonly ok: boolean; readonly output: string }>;

/** Rebuilds functions when their sources change. */
export interface Rebuilding {
  readonly stop: () => Promise<void>;
}

/** Wait for more changes: editors write a file in several steps, and a checkout changes many files. */
const quietMs = 200;

/** Runs `nx build` for one function; prints its output only if it fails. */
const nxBuild: Build = (name, workspaceRoot, signal) => {
  const nx = createRequire(join(workspaceRoot, 'package.json')).resolve('nx/bin/nx.js');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [nx, 'build', name], {
      cwd: workspaceRoot,
      env: { ...process.env, NX_DAEMON: 'false' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
    }
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) => resolve({ ok: code === 0, output }));
  });
};

/** Watches `apps/<function>/src` and `libs/<library>/src`. A change in a library rebuilds every function. */
export function startRebuilding(options: RebuildOptions): Rebuilding {
  const { workspaceRoot, functions, onBuilt, say, build = nxBuild } = options;
  const stopping = new AbortController();
  const changed = new Set<WorkspaceFunction>();
  let timer: NodeJS.Timeout | undefined;
  let building: Promise<void> = Promise.resolve();

  async function buildChanged(): Promise<void> {
    const due = [...changed];
    changed.clear();
    for (const fn of due) {
      const { name } = fn.manifest;
      say(`building ${name}`);
      const { ok, output } = await build(name, workspaceRoot, stopping.signal);
      if (stopping.signal.aborted) return;
      if (ok) onBuilt(fn);
      say(
        ok ? `rebuilt ${name}; its next invocation runs the new code` : `${name} failed to build:\n${output}`,
      );
    }
  }

  const onChange = (affected: readonly WorkspaceFunction[]) => () => {
    for (const fn of affected) changed.add(fn);
    clearTimeout(timer);
    timer = setTimeout(() => (building = building.then(buildChanged)), quietMs);
  };
  const watchFolder = (folder: string, affected: readonly WorkspaceFunction[]): FSWatcher[] =>
    existsSync(folder) ? [watch(folder, { recursive: true }, onChange(affected))] : [];

  const libs = join(workspaceRoot, 'libs');
  const watchers = [
    ...functions.flatMap((fn) => watchFolder(join(fn.root, 'src'), [fn])),
    ...(existsSync(libs) ? readdirSync(libs) : []).flatMap((lib) =>
      watchFolder(join(libs, lib, 'src'), functions),
    ),
  ];

  return {
    stop: async () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      stopping.abort();
      await building;
    },
  };
}
