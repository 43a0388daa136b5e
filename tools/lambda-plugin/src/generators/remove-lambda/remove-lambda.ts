import { type FunctionManifest, parseFunctionManifest } from '@data-aggregator/function-manifest';
import { createProjectGraphAsync, type ProjectGraph, type Tree } from '@nx/devkit';
import { UsageError } from '../../commands/command.ts';
import { removeReference } from '../project-references.ts';
import { type Dependent, unmetPrecondition } from './preconditions.ts';

export interface RemoveLambdaOptions {
  name: string;
  force?: boolean;
}

const ENVIRONMENTS = 'apps/infra/src/environments';

/**
 * Removes `apps/<name>` and the reference to it. The tree is then as before the `lambda` generator ran.
 *
 * @param graph the project graph, if it is already known
 * @throws UsageError before anything is removed, if there is no such function or a precondition is not met
 */
export default async function removeLambda(
  tree: Tree,
  { name, force = false }: RemoveLambdaOptions,
  graph?: ProjectGraph,
): Promise<void> {
  const manifests = functionManifests(tree);
  const manifest = manifests.find((candidate) => candidate.name === name);
  if (manifest === undefined) {
    throw new UsageError(
      `There is no function "${name}", only ${manifests.map((known) => known.name).join(', ')}.`,
    );
  }
  const others = manifests.filter((other) => other !== manifest);
  const dependents = dependentsOf(name, graph ?? (await createProjectGraphAsync()));
  const environments = environmentsWithSettingsFor(tree, name);
  const sentence = unmetPrecondition(manifest, { dependents, others, environments }, force);
  if (sentence !== undefined) throw new UsageError(sentence);
  tree.delete(`apps/${name}`);
  removeReference(tree, `apps/${name}`);
}

function functionManifests(tree: Tree): FunctionManifest[] {
  return tree
    .children('apps')
    .map((folder) => `apps/${folder}/function.json`)
    .filter((file) => tree.exists(file))
    .map((file) => parseFunctionManifest(tree.read(file, 'utf8') ?? '', file));
}

/** Environments are TypeScript sources, so this searches their text: settings start with the function's name and a brace. */
function environmentsWithSettingsFor(tree: Tree, name: string): string[] {
  const settings = new RegExp(`(^|[\\s{,'"])${name}['"]?\\s*:\\s*\\{`, 'm');
  return tree
    .children(ENVIRONMENTS)
    .map((file) => `${ENVIRONMENTS}/${file}`)
    .filter((file) => !file.endsWith('.spec.ts') && settings.test(tree.read(file, 'utf8') ?? ''));
}

function dependentsOf(name: string, { dependencies }: ProjectGraph): Dependent[] {
  return Object.entries(dependencies).flatMap(([project, edges]) =>
    edges.filter(({ target }) => target === name).map(({ type }) => ({ project, type })),
  );
}
