import type { CreateDependencies } from '@nx/devkit';
import { DependencyType, type RawProjectGraphDependency } from '@nx/devkit';

const INFRA = 'infra';

/**
 * Adds edges from infra to every function, which infra deploys without importing it. A change to a function then affects
 * infra, and infra's `^build` builds every function.
 *
 * The edges are implicit, because `nx sync` would add static ones to infra's tsconfig.json.
 */
export const createDependencies: CreateDependencies = (_options, { projects }) =>
  infraEdges(
    Object.keys(projects),
    Object.values(projects).flatMap(({ name, tags }) =>
      name !== undefined && tags?.includes('type:function') ? [name] : [],
    ),
  );

/** One edge per function; none if the workspace has no infra. */
export function infraEdges(projects: string[], functions: string[]): RawProjectGraphDependency[] {
  return projects.includes(INFRA)
    ? functions.map((target) => ({ source: INFRA, target, type: DependencyType.implicit }))
    : [];
}
