import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

/*
 * Each test has a clone of a workspace that pins Node as ours does, but as a tarball in the workspace, so that the real
 * npm needs no network. The pinned Node is a script of two lines around the real one, because packing and unpacking
 * 120 MB takes seconds; it records the path by which it was run.
 */
const pinned = { name: `node-${process.platform}-${process.arch}`, version: process.versions.node };
const PINNED_NODE = `#!/bin/sh
STARTED_AS="$0" exec '${process.execPath}' "$@"
`;
const PROBE = `
import { nodeBinary } from './node.mjs';
import { main, runLast } from './run.mjs';
import { setUp } from './set-up.mjs';

await main(async () => {
  await setUp();
  return runLast(nodeBinary(), ['-p', '"probed by " + process.env.STARTED_AS']);
});
`;

// The tests run at once, so each takes as long as all of them.
jest.setTimeout(120_000);

let template;
let realNode;
beforeAll(async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'set-up-')));
  realNode = join(folder, 'node');
  copyFileSync(process.execPath, realNode);

  template = join(folder, 'template');
  mkdirSync(join(template, 'vendor/package/bin'), { recursive: true });
  writeFileSync(join(template, 'vendor/package/bin/node'), PINNED_NODE, { mode: 0o755 });
  writeJson(join(template, 'vendor/package/package.json'), { ...pinned, bin: { node: 'bin/node' } });
  execFileSync('tar', ['-cf', 'node.tar', 'package'], { cwd: join(template, 'vendor') });
  cpSync(__dirname, join(template, 'scripts'), { recursive: true });
  writeFileSync(join(template, 'scripts/probe.mjs'), PROBE);
  writeJson(join(template, 'package.json'), {
    name: 'scratch',
    version: '1.0.0',
    type: 'module',
    scripts: { probe: 'node scripts/probe.mjs' },
    optionalDependencies: { [pinned.name]: 'file:vendor/node.tar' },
  });
  await npm(template, 'install', '--package-lock-only', '--no-audit');
});
afterAll(() => rmSync(dirname(template), { recursive: true }));

function clone() {
  const workspace = mkdtempSync(join(dirname(template), 'clone-'));
  cpSync(template, workspace, { recursive: true });
  return { workspace, installedNode: join(workspace, 'node_modules', pinned.name, 'bin/node') };
}

const probe = (workspace) => npm(workspace, 'run', '--silent', 'probe');

// Concurrent, because npm waits for the disk more than it computes.
describe('a script', () => {
  it.concurrent('installs the pinned Node in a fresh clone, and runs under it', async () => {
    const { workspace, installedNode } = clone();
    await expect(probe(workspace)).resolves.toEqual({
      status: 0,
      stdout: `probed by ${installedNode}\n`,
      stderr: 'Installing packages …\n',
    });
  });

  it.concurrent.each([
    ['in the same place', pinned.name],
    ['in another place', 'node'],
  ])('works when npm ci replaces the Node that it runs under, %s', async (_, name) => {
    const { workspace, installedNode } = clone();
    const folder = join(workspace, 'node_modules', name);
    // The previous version left an older installation with its own Node, first on the path of npm's scripts.
    mkdirSync(join(folder, 'bin'), { recursive: true });
    linkSync(realNode, join(folder, 'bin/node'));
    mkdirSync(join(workspace, 'node_modules/.bin'));
    symlinkSync(join(folder, 'bin/node'), join(workspace, 'node_modules/.bin/node'));
    await expect(probe(workspace)).resolves.toEqual({
      status: 0,
      stdout: `probed by ${installedNode}\n`,
      stderr: 'Installing packages …\n',
    });
  });

  it.concurrent('installs nothing if everything is installed', async () => {
    const { workspace } = clone();
    await npm(workspace, 'ci');
    await expect(probe(workspace)).resolves.toMatchObject({ status: 0, stderr: '' });
  });

  it.concurrent('reinstalls a missing Node', async () => {
    const { workspace, installedNode } = clone();
    await npm(workspace, 'ci');
    rmSync(installedNode);
    await expect(probe(workspace)).resolves.toMatchObject({
      status: 0,
      stdout: `probed by ${installedNode}\n`,
    });
  });

  it.concurrent('refuses a Node whose content differs from the locked one', async () => {
    const { workspace, installedNode } = clone();
    // npm's cache still has the locked content.
    rmSync(join(workspace, 'cache'), { recursive: true });
    appendFileSync(join(workspace, 'vendor/node.tar'), Buffer.alloc(512, 'x'));
    const { status, stdout, stderr } = await probe(workspace);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`${pinned.name} ${pinned.version} is not installed`);
    expect(existsSync(installedNode)).toBe(false);
  });
});

function writeJson(path, content) {
  writeFileSync(path, JSON.stringify(content));
}

/** Runs npm as a user would: without the environment of the npm that runs this test, and without its Node. */
async function npm(cwd, ...args) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  env.npm_config_cache = join(cwd, 'cache');
  const ownBin = join(dirname(__dirname), 'node_modules');
  env.PATH = env.PATH.split(delimiter)
    .filter((folder) => !folder.startsWith(ownBin))
    .join(delimiter);
  const child = spawn('npm', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [status, stdout, stderr] = await Promise.all([
    new Promise((resolve, reject) => child.on('close', resolve).on('error', reject)),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, stdout, stderr };
}
