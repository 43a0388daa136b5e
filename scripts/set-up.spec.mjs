import { execFileSync, spawnSync } from 'node:child_process';
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

/*
 * A workspace whose lock file pins Node as ours does, but from a tarball in it, so that the real npm needs no network.
 */
const pinned = { name: `node-${process.platform}-${process.arch}`, version: process.versions.node };
const PROBE = `
import { nodeBinary } from './node.mjs';
import { main, runLast } from './run.mjs';
import { setUp } from './set-up.mjs';

await main(async () => {
  await setUp();
  return runLast(nodeBinary(), ['-p', '"probed by " + process.execPath']);
});
`;

let workspace;
beforeEach(() => {
  workspace = realpathSync(mkdtempSync(join(tmpdir(), 'set-up-')));
  mkdirSync(join(workspace, 'vendor/package/bin'), { recursive: true });
  copyFileSync(process.execPath, join(workspace, 'vendor/package/bin/node'));
  writeJson('vendor/package/package.json', { ...pinned, bin: { node: 'bin/node' } });
  execFileSync('tar', ['-cf', 'node.tar', 'package'], { cwd: join(workspace, 'vendor') });

  cpSync(__dirname, join(workspace, 'scripts'), { recursive: true });
  writeFileSync(join(workspace, 'scripts/probe.mjs'), PROBE);
  writeJson('package.json', {
    name: 'scratch',
    version: '1.0.0',
    type: 'module',
    scripts: { probe: 'node scripts/probe.mjs' },
    optionalDependencies: { [pinned.name]: 'file:vendor/node.tar' },
  });
  npm('install', '--package-lock-only', '--no-audit');
});
afterEach(() => rmSync(workspace, { recursive: true }));

const installedNode = () => join(workspace, 'node_modules', pinned.name, 'bin/node');

describe('a script', () => {
  it('installs the pinned Node in a fresh clone, and runs under it', () => {
    expect(npm('run', '--silent', 'probe')).toMatchObject({
      status: 0,
      stdout: `probed by ${installedNode()}\n`,
      stderr: 'Installing packages …\n',
    });
  });

  it.each([
    ['in the same place', () => join(workspace, 'node_modules', pinned.name)],
    ['in another place', () => join(workspace, 'node_modules/node')],
  ])('works when npm ci replaces the Node that it runs under, %s', (_, folder) => {
    // What the version before has left: its own Node, first on the path of npm's scripts, and an older installation.
    mkdirSync(join(folder(), 'bin'), { recursive: true });
    linkSync(join(workspace, 'vendor/package/bin/node'), join(folder(), 'bin/node'));
    mkdirSync(join(workspace, 'node_modules/.bin'));
    symlinkSync(join(folder(), 'bin/node'), join(workspace, 'node_modules/.bin/node'));
    expect(npm('run', '--silent', 'probe')).toMatchObject({
      status: 0,
      stdout: `probed by ${installedNode()}\n`,
      stderr: 'Installing packages …\n',
    });
  });

  it('installs nothing where everything is installed', () => {
    npm('ci');
    expect(npm('run', '--silent', 'probe')).toMatchObject({ status: 0, stderr: '' });
  });

  it('reinstalls a Node that is missing', () => {
    npm('ci');
    rmSync(installedNode());
    expect(npm('run', '--silent', 'probe')).toMatchObject({
      status: 0,
      stdout: `probed by ${installedNode()}\n`,
    });
  });

  it('refuses a Node with another content than the locked one', () => {
    // npm's cache still has the locked one.
    rmSync(join(workspace, 'cache'), { recursive: true });
    appendFileSync(join(workspace, 'vendor/node.tar'), Buffer.alloc(512, 'x'));
    const { status, stdout, stderr } = npm('run', '--silent', 'probe');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`${pinned.name} ${pinned.version} is not installed`);
    expect(existsSync(installedNode())).toBe(false);
  });
});

function writeJson(path, content) {
  writeFileSync(join(workspace, path), JSON.stringify(content));
}

/** npm as a user calls it: neither this test's npm nor its Node is known to it. */
function npm(...args) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  env.npm_config_cache = join(workspace, 'cache');
  const ownBin = join(dirname(__dirname), 'node_modules');
  env.PATH = env.PATH.split(delimiter)
    .filter((folder) => !folder.startsWith(ownBin))
    .join(delimiter);
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd: workspace, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}
