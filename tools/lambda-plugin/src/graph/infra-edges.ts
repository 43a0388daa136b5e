import type { CreateDependencies } from '@nx/devkit';
import { DependencyType, type RawProjectGraphDependency } from '@nx/devkit';

const INFRA = 'infra';

/**
 * Edges from infra to every function, which infra deploys without importing: so a change to a function affects infra,
 * and infra's `^build` builds every function.
 *
 * They are implicit ones: a static one would make `nx sync` write each function into infra's tsconfig.json.
 */
export const createDependencies: CreateDependencies = (_options, { projects }) =>
  infraEdges(
    Object.keys(projects),
    Object.values(projects).flatMap(({ name, tags }) =>
      name !== undefined && tags?.includes('type:function') ? [name] : [],
    ),
  );

/** One edge for each function, none where a workspace has no infra. */
export function infraEdges(projects: string[], functions: string[]): RawProjectGraphDependency[] {
  return projects.includes(INFRA)
    ? functions.map((target) => ({ source: INFRA, target, type: DependencyType.implicit }))
    : [];
}
