import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNode } from './node.mjs';

const root = join(__dirname, '..');
const read = (file) => readFileSync(join(root, file), 'utf8');
const { optionalDependencies, allowScripts } = JSON.parse(read('package.json'));
const { packages } = JSON.parse(read('package-lock.json'));

describe('the lock file', () => {
  it.each([
    ['linux', 'x64'],
    ['linux', 'arm64'],
  ])('pins Node for %s on %s by version and integrity', (platform, arch) => {
    const name = `node-${platform}-${arch}`;
    expect(packages[`node_modules/${name}`]).toMatchObject({
      version: optionalDependencies[name],
      integrity: expect.stringMatching(/^sha512-[\w+/]{86}==$/),
      os: platform,
      cpu: arch,
      bin: { node: 'bin/node' },
    });
    expect(pinnedNode(platform, arch)).toEqual({ name, version: optionalDependencies[name] });
  });

  it('pins one version of Node for all platforms', () => {
    expect(new Set(Object.values(optionalDependencies)).size).toBe(1);
  });

  it('has an integrity value for every package that npm downloads', () => {
    const downloaded = Object.entries(packages).filter(
      ([path, { link, inBundle }]) => path.includes('node_modules/') && !link && !inBundle,
    );
    expect(downloaded.length).toBeGreaterThan(400);
    expect(downloaded.filter(([, { integrity }]) => !integrity).map(([path]) => path)).toEqual([]);
  });

  it('contains every optional dependency of its packages', () => {
    const gaps = Object.entries(packages).flatMap(([path, { optionalDependencies: named = {} }]) =>
      Object.keys(named)
        .filter((name) => !isFound(path, name))
        .map((name) => `${name}, a dependency of ${path}, is missing`),
    );
    expect(gaps).toEqual([]);
  });
});

describe('install scripts', () => {
  it('are disabled for every package', () => {
    expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
    expect(Object.entries(allowScripts).filter(([, allowed]) => allowed)).toEqual([]);
  });
});

/** Whether Node finds a package from a folder in node_modules, or from one of its parents. */
function isFound(path, name) {
  for (let base = path; ; base = base.slice(0, Math.max(base.lastIndexOf('/node_modules/'), 0))) {
    if (packages[`${base && `${base}/`}node_modules/${name}`]) return true;
    if (!base) return false;
  }
}
