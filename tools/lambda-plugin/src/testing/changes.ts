import type { Tree } from '@nx/devkit';

/** The text of every file of a tree, by its path. */
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
