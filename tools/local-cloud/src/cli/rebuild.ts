import { spawn } from 'node:child_process';
import { existsSync, readdirSync, watch, type FSWatcher } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { WorkspaceFunction } from '@data-aggregator/function-manifest';

export interface RebuildOptions {
  readonly workspaceRoot: string;
  readonly functions: readonly WorkspaceFunction[];
  /** Called after a function was built. May throw. */
  readonly onBuilt: (fn: WorkspaceFunction) => void;
  readonly say: (line: string) => void;
  /** Builds one function; default: `nx build`. */
  readonly build?: Build;
  /** Watches a folder; default: Node's. */
  readonly watch?: (folder: string, onChange: () => void) => FSWatcher;
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

const watchFolder = (folder: string, onChange: () => void) => watch(folder, { recursive: true }, onChange);

/**
 * Watches `apps/<function>/src` and `libs/<library>/src`. A change in a library rebuilds every function. The cloud goes on
 * if they cannot be watched: Linux limits the watches of a user, and an editor may use all of them.
 */
export function startRebuilding(options: RebuildOptions): Rebuilding {
  const { workspaceRoot, functions, onBuilt, say, build = nxBuild, watch: watchOne = watchFolder } = options;
  const stopping = new AbortController();
  const changed = new Set<WorkspaceFunction>();
  let timer: NodeJS.Timeout | undefined;
  let building: Promise<void> = Promise.resolve();

  /** Says whether a built function runs; the templates of another --assembly may not have it. */
  function redeployed(fn: WorkspaceFunction): string {
    const { name } = fn.manifest;
    try {
      onBuilt(fn);
      return `rebuilt ${name}; its next invocation runs the new code`;
    } catch (error) {
      return `rebuilt ${name}, which cannot be redeployed: ${(error as Error).message}`;
    }
  }

  async function buildChanged(): Promise<void> {
    const due = [...changed];
    changed.clear();
    for (const fn of due) {
      const { name } = fn.manifest;
      say(`building ${name}`);
      const { ok, output } = await build(name, workspaceRoot, stopping.signal);
      if (stopping.signal.aborted) return;
      say(ok ? redeployed(fn) : `${name} failed to build:\n${output}`);
    }
  }

  const onChange = (affected: readonly WorkspaceFunction[]) => () => {
    for (const fn of affected) changed.add(fn);
    clearTimeout(timer);
    timer = setTimeout(() => (building = building.then(buildChanged)), quietMs);
  };
  const watchers: FSWatcher[] = [];
  const giveUp = ({ message }: Error) => {
    for (const watcher of watchers) watcher.close();
    say(`Functions are not rebuilt when their sources change: ${message}`);
  };
  const watchSources = (folder: string, affected: readonly WorkspaceFunction[]) => {
    if (existsSync(folder)) watchers.push(watchOne(folder, onChange(affected)).once('error', giveUp));
  };

  const libs = join(workspaceRoot, 'libs');
  try {
    for (const fn of functions) watchSources(join(fn.root, 'src'), [fn]);
    for (const lib of existsSync(libs) ? readdirSync(libs) : []) {
      watchSources(join(libs, lib, 'src'), functions);
    }
  } catch (error) {
    giveUp(error as Error);
  }

  return {
    stop: async () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      stopping.abort();
      await building;
    },
  };
}
