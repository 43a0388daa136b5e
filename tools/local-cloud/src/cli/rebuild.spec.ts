import { EventEmitter } from 'node:events';
import { type FSWatcher, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { functionManifestSchema, type WorkspaceFunction } from '@data-aggregator/function-manifest';
import * as v from 'valibot';
import { startRebuilding } from './rebuild.ts';

let root: string;
let functions: WorkspaceFunction[];
const built: string[] = [];
const redeployed: string[] = [];
const said: string[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rebuild-'));
  functions = ['one', 'other'].map((name) => ({
    manifest: v.parse(functionManifestSchema, { name, description: name, trigger: { type: 'request' } }),
    root: join(root, 'apps', name),
    artifact: join(root, 'apps', name, 'dist'),
  }));
  for (const fn of functions) mkdirSync(join(fn.root, 'src'), { recursive: true });
  mkdirSync(join(root, 'libs', 'shared', 'src', 'deep'), { recursive: true });
  for (const list of [built, redeployed, said]) list.length = 0;
});
afterEach(() => rmSync(root, { recursive: true }));

async function changing(file: string, ok: boolean, notDeployed?: string): Promise<void> {
  const rebuilding = startRebuilding({
    workspaceRoot: root,
    functions,
    onBuilt: ({ manifest }) => {
      if (manifest.name === notDeployed) throw new Error('there is no such function');
      redeployed.push(manifest.name);
    },
    say: (line) => said.push(line),
    build: async (name) => {
      built.push(name);
      return { ok, output: 'line 3: no' };
    },
  });
  await sleep(50);
  for (const content of ['a', 'b', 'c']) writeFileSync(join(root, file), content);
  await sleep(600);
  await rebuilding.stop();
}

test('a change to a function rebuilds and redeploys it once', async () => {
  await changing('apps/one/src/handler.ts', true);
  expect(built).toEqual(['one']);
  expect(redeployed).toEqual(['one']);
});

test('a change to a library rebuilds every function', async () => {
  await changing('libs/shared/src/deep/thing.ts', true);
  expect(redeployed).toEqual(['one', 'other']);
});

test('a function that fails to build is not redeployed, and the error is printed', async () => {
  await changing('apps/other/src/handler.ts', false);
  expect(redeployed).toEqual([]);
  expect(said.join()).toContain('line 3: no');
});

test('a function that cannot be redeployed is reported, and the others are redeployed', async () => {
  await changing('libs/shared/src/deep/thing.ts', true, 'one');
  expect(redeployed).toEqual(['other']);
  expect(said.join()).toContain('there is no such function');
});

/** What Node throws, or reports for a folder that is new, when the user has no watches left. */
const noWatchesLeft = new Error('ENOSPC: System limit for number of file watchers reached');

test.each([
  [
    'at the start',
    () => {
      throw noWatchesLeft;
    },
  ],
  [
    'later',
    () => {
      const watcher = Object.assign(new EventEmitter(), { close: () => undefined }) as FSWatcher;
      setImmediate(() => watcher.emit('error', noWatchesLeft));
      return watcher;
    },
  ],
])('sources that cannot be watched %s are reported, and the cloud goes on', async (_, watch) => {
  const rebuilding = startRebuilding({
    workspaceRoot: root,
    functions: functions.slice(1),
    onBuilt: () => undefined,
    say: (line) => said.push(line),
    watch,
  });
  await immediate();
  await rebuilding.stop();
  expect(said.at(0)).toContain(noWatchesLeft.message);
});
