import type { Permission } from '../apis/api.ts';
import type { Decision } from '../iam/evaluate.ts';
import type { Authorizer } from '../iam/authorizer.ts';
import type { Caller } from '../iam/credentials.ts';

/** A denied call of a role. */
export interface Denial {
  readonly roleName: string;
  readonly action: string;
  readonly resource: string;
  readonly reason: 'explicit-deny' | 'no-allow';
}

/** AWS's message for the caller; the cloud's log line contains the same. */
export function denialMessage({ roleName, action, resource, reason }: Denial): string {
  const because =
    reason === 'explicit-deny'
      ? 'with an explicit deny in a policy'
      : `because no policy allows the ${action} action`;
  return `User: ${roleName} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
}

export function denialOf(
  caller: Caller,
  action: string,
  resource: string,
  decision: Decision & { allowed: false },
): Denial {
  const roleName = caller.kind === 'role' ? caller.role.name : caller.kind;
  return { roleName, action, resource, reason: decision.reason };
}

/** The first missing permission of a caller; undefined if the call is allowed. */
export function firstDenial(
  authorizer: Authorizer,
  caller: Caller,
  permissions: readonly Permission[],
): Denial | undefined {
  for (const { action, resource } of permissions) {
    const decision = authorizer.authorize({ caller, action, resource });
    if (!decision.allowed) return denialOf(caller, action, resource, decision);
  }
  return undefined;
}
