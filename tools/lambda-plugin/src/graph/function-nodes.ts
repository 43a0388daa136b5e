import { basename, dirname, join } from 'node:path';
import { existsSync, readFileSync } from 'node:fs';
import { FunctionManifestError, parseFunctionManifest } from '@data-aggregator/function-manifest';
import {
  createNodesFromFiles,
  type CreateNodesResult,
  type CreateNodesV2,
  type ProjectConfiguration,
} from '@nx/devkit';
import { functionTargets } from './function-targets.ts';

/** The functions' manifests, relative to the workspace's root. */
export const MANIFEST_GLOB = 'apps/*/function.json';

const INFRA_PROJECT = 'apps/infra/project.json';

/** Infers a project with its targets from each `function.json`. A project.json next to it adds or overrides. */
export const createNodesV2: CreateNodesV2 = [
  MANIFEST_GLOB,
  (files, options, context) =>
    createNodesFromFiles(
      (file) => functionNode(file, context.workspaceRoot),
      files,
      options as object | undefined,
      context,
    ),
];

/**
 * The project of one function.
 *
 * @param file its `function.json`, relative to the workspace's root, with `/`
 * @throws FunctionManifestError if the manifest is invalid or its name differs from the folder's
 */
export function functionNode(file: string, workspaceRoot: string): CreateNodesResult {
  const root = dirname(file);
  const { name, description } = parseFunctionManifest(readFileSync(join(workspaceRoot, file), 'utf8'), file);
  if (name !== basename(root)) {
    throw new FunctionManifestError(
      `${file}: the name "${name}" differs from the folder's, "${basename(root)}"`,
    );
  }
  return {
    projects: {
      [root]: {
        name,
        root,
        projectType: 'application',
        sourceRoot: `${root}/src`,
        tags: ['type:function'],
        metadata: { description, technologies: ['aws-lambda'] },
        targets: functionTargets(name, environments(workspaceRoot)),
      },
    },
  };
}

/** The configurations of infra's `deploy`, which a function's `deploy` needs as well; none without infra. */
function environments(workspaceRoot: string): string[] {
  const file = join(workspaceRoot, INFRA_PROJECT);
  if (!existsSync(file)) return [];
  const { targets } = JSON.parse(readFileSync(file, 'utf8')) as ProjectConfiguration;
  return Object.keys(targets?.['deploy']?.configurations ?? {});
}
