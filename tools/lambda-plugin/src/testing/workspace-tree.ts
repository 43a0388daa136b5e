import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';

/** A workspace tree with infra and the function `aggregator`. */
export function workspaceTree(): Tree {
  const tree = createTreeWithEmptyWorkspace();
  tree.write(
    'tsconfig.json',
    json({ extends: './tsconfig.base.json', files: [], references: [{ path: './apps/infra' }] }),
  );
  tree.write('apps/infra/project.json', json({ name: 'infra' }));
  tree.write('apps/aggregator/project.json', json({ name: 'aggregator' }));
  writeManifest(tree, { name: 'aggregator', trigger: { type: 's3-sqs', bucket: 'landing' } });
  tree.write(
    'package-lock.json',
    json({
      name: '@data-aggregator/source',
      lockfileVersion: 3,
      packages: { '': {}, 'node_modules/@a/b': {}, 'node_modules/zod': {} },
    }),
  );
  return tree;
}

/** Writes a function's manifest, and replaces an existing one. */
export function writeManifest(tree: Tree, manifest: { name: string } & Record<string, unknown>): void {
  tree.write(`apps/${manifest.name}/function.json`, json({ description: 'A function.', ...manifest }));
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The content of every file in a tree, by path. */
export function snapshot(tree: Tree, folder = '.'): Record<string, string> {
  return Object.fromEntries(
    tree.children(folder).flatMap((child): [string, string][] => {
      const path = folder === '.' ? child : `${folder}/${child}`;
      return tree.isFile(path)
        ? [[path, tree.read(path, 'utf8') ?? '']]
        : Object.entries(snapshot(tree, path));
    }),
  );
}
