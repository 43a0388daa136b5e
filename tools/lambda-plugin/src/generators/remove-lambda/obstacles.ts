import { type FunctionManifest, hasQueue } from '@data-aggregator/function-manifest';

/** Something in the workspace that points at a project. */
export interface Dependent {
  project: string;
  /** `implicit` for the edges that this plugin draws from infra, and those that a project.json names. */
  type: string;
}

/** What lies around a function. */
export interface Surroundings {
  /** Who depends on it in the project graph. */
  dependents: readonly Dependent[];
  /** The manifests of all other functions. */
  others: readonly FunctionManifest[];
  /** Files of environments that have settings for it. */
  environments: readonly string[];
}

/**
 * Why a function cannot go, as one sentence; undefined where it can.
 *
 * @param force whether its queue may go, with what waits in it
 */
export function obstacle(
  manifest: FunctionManifest,
  { dependents, others, environments }: Surroundings,
  force: boolean,
): string | undefined {
  const { name, trigger } = manifest;
  const users = dependents.filter(({ project, type }) => !(project === 'infra' && type === 'implicit'));
  if (users.length > 0) {
    return `${name} cannot go: ${list(users.map(({ project }) => project))} depends on it.`;
  }
  const readers = others.filter((other) => usesQueueOf(other, name));
  if (readers.length > 0) {
    return `${name} cannot go: its queue is used in the function.json of ${list(readers.map((other) => other.name))}.`;
  }
  if (environments.length > 0) {
    return `${name} cannot go: ${list(environments)} has settings for it.`;
  }
  if (hasQueue(trigger) && !force) {
    return `${name} has a queue, and what waits in it and in its dead letters goes with it: see that both are empty, then add --force.`;
  }
  return undefined;
}

/** Whether a function sends to, receives from or is told the address of another's queue or dead letters. */
function usesQueueOf({ access, environment }: FunctionManifest, name: string): boolean {
  return (
    access.some((entry) => 'of' in entry && entry.of === name) ||
    Object.values(environment).some((value) =>
      [...value.matchAll(/\$\{[^}:]+:([^}]+)\}/g)].some(([, owner]) => owner === name),
    )
  );
}

function list(names: readonly string[]): string {
  return [...new Set(names)].sort().join(', ');
}
