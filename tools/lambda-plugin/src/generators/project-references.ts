import type { Tree } from '@nx/devkit';

const ROOT = 'tsconfig.json';

/** The part of the root tsconfig.json that `nx sync` maintains. */
interface RootConfig {
  references?: { path: string }[];
}

/** Appends a project to the references of the root tsconfig.json, as `nx sync` would. */
export function addReference(tree: Tree, projectRoot: string): void {
  edit(tree, (references) => [...references, { path: `./${projectRoot}` }], projectRoot, false);
}

/** Removes a project from the references of the root tsconfig.json. */
export function removeReference(tree: Tree, projectRoot: string): void {
  edit(tree, (references) => references.filter(({ path }) => path !== `./${projectRoot}`), projectRoot, true);
}

function edit(
  tree: Tree,
  change: (references: { path: string }[]) => { path: string }[],
  projectRoot: string,
  whenThere: boolean,
): void {
  const text = tree.read(ROOT, 'utf8');
  if (text === null) return;
  const config = JSON.parse(text) as RootConfig;
  const references = config.references ?? [];
  if (references.some(({ path }) => path === `./${projectRoot}`) !== whenThere) return;
  tree.write(ROOT, `${JSON.stringify({ ...config, references: change(references) }, null, 2)}\n`);
}
