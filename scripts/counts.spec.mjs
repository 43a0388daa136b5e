import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { addUp, closingLine, projectsWithSpecs } from './counts.mjs';

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'counts-'));
  for (const folder of ['apps', 'libs', 'tools', 'scripts']) mkdirSync(join(root, folder));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path, content) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

describe('projectsWithSpecs', () => {
  it('returns the projects with a spec among their sources, by the names in their project.json', () => {
    write('apps/one/project.json', { name: 'first' });
    write('apps/one/src/deep/x.spec.ts', '');
    write('libs/built/project.json', { name: 'built' });
    write('libs/built/dist/x.spec.ts', '');
    write('libs/plain/project.json', { name: 'plain' });
    write('tools/none/src/x.spec.ts', '');
    write('scripts/project.json', { name: 'scripts' });
    write('scripts/x.spec.mjs', '');
    expect(projectsWithSpecs(root)).toEqual(['first', 'scripts']);
  });
});

describe('addUp', () => {
  it('adds up results', () => {
    write('results/a.json', { passed: 2, failed: 1, skipped: 0 });
    write('results/b.json', { passed: 3, failed: 0, skipped: 4 });
    expect(addUp(join(root, 'results'), ['a', 'b'])).toEqual({
      passed: 5,
      failed: 1,
      skipped: 4,
      without: [],
    });
  });

  it('counts a missing result as one failure', () => {
    write('results/a.json', { passed: 2, failed: 0, skipped: 0 });
    expect(addUp(join(root, 'results'), ['a', 'b'])).toMatchObject({ passed: 2, failed: 1, without: ['b'] });
    expect(addUp(join(root, 'none'), ['b'])).toMatchObject({ passed: 0, failed: 1, without: ['b'] });
  });
});

describe('the closing line', () => {
  it.each([
    [{ passed: 3, failed: 0, skipped: 0 }, '3 passed, 0 failed'],
    [{ passed: 3, failed: 1, skipped: 2 }, '3 passed, 1 failed, 2 skipped'],
  ])('of %j is "%s"', (counts, line) => {
    expect(closingLine(counts)).toBe(line);
  });
});
