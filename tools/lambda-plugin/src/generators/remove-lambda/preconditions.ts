import { type FunctionManifest, hasQueue } from '@data-aggregator/function-manifest';

/** A project that depends on the function. */
export interface Dependent {
  project: string;
  /** `implicit` for the edges that this plugin adds from infra, and for those in a project.json. */
  type: string;
}

/** The rest of the workspace, as far as it may use the function. */
export interface Uses {
  /** From the project graph. */
  dependents: readonly Dependent[];
  /** The manifests of all other functions. */
  others: readonly FunctionManifest[];
  /** Files of environments with settings for it. */
  environments: readonly string[];
}

/**
 * Why a function cannot be removed, in one sentence; undefined if it can.
 *
 * @param force whether its queue may be deleted with all messages
 */
export function unmetPrecondition(
  manifest: FunctionManifest,
  { dependents, others, environments }: Uses,
  force: boolean,
): string | undefined {
  const { name, trigger } = manifest;
  const users = dependents.filter(({ project, type }) => !(project === 'infra' && type === 'implicit'));
  if (users.length > 0) {
    return `${name} cannot be removed: used by ${list(users.map(({ project }) => project))}.`;
  }
  const readers = others.filter((other) => usesQueueOf(other, name));
  if (readers.length > 0) {
    return `${name} cannot be removed: its queue is used in the function.json of ${list(readers.map((other) => other.name))}.`;
  }
  if (environments.length > 0) {
    return `${name} cannot be removed: remove its settings from ${list(environments)} first.`;
  }
  if (hasQueue(trigger) && !force) {
    return `${name} has a queue, which the next deployment would delete together with its dead-letter queue. Check that both are empty, then add --force.`;
  }
  return undefined;
}

/** Whether a function has access to another's queue or dead-letter queue, or gets its address. */
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
