import { logger } from '@nx/devkit';
import { json, snapshot, workspaceTree } from '../../testing/workspace-tree.ts';
import library from './library.ts';
import { withWorkspacePackage } from './lock-file.ts';

beforeEach(() => {
  jest.spyOn(logger, 'info').mockImplementation(() => undefined);
});
afterEach(() => jest.restoreAllMocks());

describe('the library generator', () => {
  it('writes a package that can be imported by its name, with the tag of a library', () => {
    const tree = workspaceTree();
    library(tree, { name: 'image-tools' });
    const read = (file: string) => JSON.parse(tree.read(`libs/image-tools/${file}`, 'utf8') ?? '');
    expect(read('package.json')).toMatchObject({
      name: '@data-aggregator/image-tools',
      private: true,
      exports: { '.': './src/index.ts' },
    });
    expect(read('project.json')).toMatchObject({ name: 'image-tools', tags: ['type:lib'] });
    expect(tree.exists('libs/image-tools/src/library-name.spec.ts')).toBe(true);
    expect(tree.read('tsconfig.json', 'utf8')).toContain('./libs/image-tools');
  });

  it('adds it to the lock file, and edits nothing else', () => {
    const tree = workspaceTree();
    const before = snapshot(tree);
    library(tree, { name: 'image-tools' });
    const after = snapshot(tree);
    expect(JSON.parse(after['package-lock.json'] ?? '').packages).toMatchObject({
      'libs/image-tools': { name: '@data-aggregator/image-tools', version: '0.1.0' },
      'node_modules/@data-aggregator/image-tools': { resolved: 'libs/image-tools', link: true },
    });
    expect(
      Object.keys(before)
        .filter((file) => after[file] !== before[file])
        .sort(),
    ).toEqual(['package-lock.json', 'tsconfig.json']);
  });

  it('changes nothing when it runs again, and keeps edits', () => {
    const tree = workspaceTree();
    library(tree, { name: 'image-tools' });
    tree.write('libs/image-tools/src/index.ts', '// mine\n');
    const before = snapshot(tree);
    library(tree, { name: 'image-tools' });
    expect(snapshot(tree)).toEqual(before);
  });

  it.each([
    ['Image', 'lower-case words joined by hyphens, such as "image-tools", not "Image".'],
    ['infra', 'The name "infra" is taken by apps/infra.'],
  ])('refuses the name %s before it writes anything', (name, sentence) => {
    const tree = workspaceTree();
    const before = snapshot(tree);
    expect(() => library(tree, { name })).toThrow(sentence);
    expect(snapshot(tree)).toEqual(before);
  });
});

describe('a lock file with an added workspace package', () => {
  it('has its entries in the order of npm', () => {
    const packages = { '': {}, 'libs/zoo': {}, 'node_modules/@aws/x': {}, 'node_modules/zod': {} };
    const lock = JSON.parse(
      withWorkspacePackage(json({ packages }), '@data-aggregator/lib', 'libs/lib', '0.1.0'),
    );
    expect(Object.keys(lock.packages)).toEqual([
      '',
      'libs/lib',
      'libs/zoo',
      'node_modules/@aws/x',
      'node_modules/@data-aggregator/lib',
      'node_modules/zod',
    ]);
  });
});
