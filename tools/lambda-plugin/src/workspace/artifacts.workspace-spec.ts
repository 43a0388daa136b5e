import { join } from 'node:path';
import { FileSystem } from 'aws-cdk-lib';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { commitAll, nx, run } from '../testing/nx.ts';
import type { ScratchWorkspace } from '../testing/scratch-workspace.ts';
import { addComments, changePart, NAMES, twoFunctions, writeFunction } from '../testing/two-functions.ts';

/** Builds with Nx, and returns CDK's asset hashes and the functions that Nx really built. */
function build(workspace: ScratchWorkspace) {
  const output = nx(workspace, 'run-many', '-t', 'build', '-p', NAMES.join(','), '--output-style=static');
  const hash = (name: string) => FileSystem.fingerprint(join(workspace.path, 'apps', name, 'dist/function'));
  return {
    hashes: Object.fromEntries(NAMES.map((name) => [name, hash(name)])),
    built: NAMES.filter((name) => !new RegExp(`nx run ${name}:build .*\\[.*cache`).test(output)),
  };
}

describe('the asset of a function that Nx built', () => {
  let workspace: ScratchWorkspace;
  let before: ReturnType<typeof build>;

  beforeEach(() => {
    workspace = twoFunctions();
    commitAll(workspace);
    before = build(workspace);
  });
  afterEach(() => workspace[Symbol.dispose]());

  it('is the same from another checkout at another path and without cache', () => {
    using other = twoFunctions();
    const elsewhere = build(other);
    expect(elsewhere.built).toEqual(['alpha', 'beta']);
    expect(elsewhere.hashes).toEqual(before.hashes);
  });

  it('comes from the cache if nothing changed', () => {
    expect(build(workspace)).toEqual({ hashes: before.hashes, built: [] });
  });

  it('changes alone when its own source changes, and nothing else is built', () => {
    const handler = workspace.read('apps/alpha/src/handler.ts');
    workspace.write('apps/alpha/src/handler.ts', handler.replace('told:', 'said:'));
    const after = build(workspace);
    expect(after.built).toEqual(['alpha']);
    expect(after.hashes['alpha']).not.toBe(before.hashes['alpha']);
    expect(after.hashes['beta']).toBe(before.hashes['beta']);
  });

  it('changes alone when a part of a library changes that only it uses, though Nx builds both', () => {
    changePart(workspace, 'alpha');
    const after = build(workspace);
    expect(after.built).toEqual(['alpha', 'beta']);
    expect(after.hashes['alpha']).not.toBe(before.hashes['alpha']);
    expect(after.hashes['beta']).toBe(before.hashes['beta']);
  });

  it('does not change with a comment, though Nx rebuilds', () => {
    addComments(workspace);
    const after = build(workspace);
    expect(after.built).toEqual(['alpha', 'beta']);
    expect(after.hashes).toEqual(before.hashes);
  });

  it('does not change and is not built when another function is added', () => {
    writeFunction(workspace, 'gamma', 'alpha');
    nx(workspace, 'build', 'gamma');
    expect(build(workspace)).toEqual({ hashes: before.hashes, built: [] });
  });

  it('is not rebuilt for a spec, a sample event or a word in the README', () => {
    workspace.write('apps/alpha/src/handler.spec.ts', '// nothing yet\n');
    workspace.write('apps/alpha/events/sample.json', '{}');
    workspace.write('apps/alpha/README.md', '# alpha\n');
    expect(build(workspace)).toEqual({ hashes: before.hashes, built: [] });
  });

  it('remains the last good one when a build exceeds its budget', () => {
    const manifest = workspace.read('apps/alpha/function.json');
    workspace.write('apps/alpha/function.json', manifest.replace('600', '1'));
    const { status, output } = run(workspace, 'nx', 'build', 'alpha');
    expect(status).not.toBe(0);
    expect(output).toContain('over the 1.0 KB of sizeBudgetKb in its function.json');
    expect(output).toMatch(/Largest parts: .*valibot/);
    workspace.write('apps/alpha/function.json', manifest);
    expect(build(workspace).hashes).toEqual(before.hashes);
  });

  it('is always packed into the same zip', () => {
    const pack = () => {
      nx(workspace, 'package', 'alpha', '--skip-nx-cache');
      const zip = readFileSync(join(workspace.path, 'apps/alpha/dist/alpha.zip'));
      return createHash('sha256').update(zip).digest('hex');
    };
    expect(pack()).toBe(pack());
  });

  it('maps a stack trace to the sources', () => {
    const code = workspace.read('apps/alpha/dist/function/index.mjs').split('\n');
    const line = code.findIndex((text) => text.includes('told:'));
    const column = (code[line] ?? '').indexOf('told:') + 1;
    workspace.write('stack.txt', `Error: no\n    at x (file:///var/task/index.mjs:${line + 1}:${column})\n`);
    expect(nx(workspace, 'run', 'alpha:trace', '--', 'stack.txt')).toMatch(
      /at x \(apps\/alpha\/src\/handler\.ts:\d+:\d+\)/,
    );
  });
});
