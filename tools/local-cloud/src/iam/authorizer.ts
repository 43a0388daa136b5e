import type { CloudModel } from '../assembly/model.ts';
import type { Caller } from './credentials.ts';
import { evaluate, type Decision, type Principal } from './evaluate.ts';
import type { Statement } from './policy.ts';

/** An authorization request: may this caller do this? */
export interface Question {
  readonly caller: Caller;
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

export interface Authorizer {
  readonly authorize: (question: Question) => Decision;
  /** Whether the resource's policy allows an AWS service to act by itself. */
  readonly authorizeService: (
    service: string,
    action: string,
    resource: string,
    context: Readonly<Record<string, string>>,
  ) => Decision;
  /** Sets the policy of a resource that no template defines; undefined removes it. */
  readonly setPolicy: (arn: string, policy: readonly Statement[] | undefined) => void;
  /** Whether a role may do something, regardless of who assumed it. */
  readonly authorizeRole: (roleArn: string, action: string, resource: string) => Decision;
}

/** Context of a call over TLS. AWS services always use TLS among themselves. */
const overTls = { 'aws:SecureTransport': 'true' };

/**
 * Authorizes calls, based only on the model's role policies and resource policies.
 *
 * @param secureTransport whether clients' calls count as made over TLS. The loopback interface has no TLS, but policies
 *   that require it are about the network
 */
export function createAuthorizer(
  { buckets, queues, topics, roles }: CloudModel,
  secureTransport = true,
): Authorizer {
  const resourcePolicies = new Map<string, readonly Statement[]>(
    [...buckets, ...queues, ...topics].map(({ arn, policy }) => [arn, policy]),
  );
  const rolePolicies = new Map(roles.map(({ arn, statements }) => [arn, statements]));

  function decide(
    principal: Principal,
    action: string,
    resource: string,
    context: Readonly<Record<string, string>>,
  ): Decision {
    const identity = principal.kind === 'role' ? (rolePolicies.get(principal.arn) ?? []) : [];
    const holder = resource.startsWith('arn:aws:s3:::') ? (resource.split('/')[0] ?? '') : resource;
    const circumstances = {
      ...overTls,
      ...context,
      ...(principal.kind === 'role' ? { 'aws:PrincipalArn': principal.arn } : {}),
    };
    return evaluate(identity, resourcePolicies.get(holder) ?? [], {
      action,
      resource,
      principal,
      context: circumstances,
    });
  }

  return {
    authorize: ({ caller, action, resource, context = {} }) =>
      caller.kind === 'role'
        ? decide({ kind: 'role', arn: caller.role.arn }, action, resource, {
            ...context,
            'aws:SecureTransport': String(secureTransport),
          })
        : { allowed: true },
    authorizeService: (service, action, resource, context) =>
      decide({ kind: 'service', service }, action, resource, context),
    setPolicy: (arn, policy) => {
      if (policy) resourcePolicies.set(arn, policy);
      else resourcePolicies.delete(arn);
    },
    authorizeRole: (arn, action, resource) => decide({ kind: 'role', arn }, action, resource, {}),
  };
}
