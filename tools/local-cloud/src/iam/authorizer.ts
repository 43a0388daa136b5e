import type { CloudModel } from '../assembly/model.ts';
import type { Caller } from '../gateway/credentials.ts';
import { evaluate, type Decision, type Principal } from './evaluate.ts';
import type { Statement } from './policy.ts';

/** A question to the authorizer: may this caller do this? */
export interface Question {
  readonly caller: Caller;
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

export interface Authorizer {
  readonly authorize: (question: Question) => Decision;
  /** Whether an AWS service may do something by itself, as the resource's policy has it. */
  readonly authorizeService: (
    service: string,
    action: string,
    resource: string,
    context: Readonly<Record<string, string>>,
  ) => Decision;
  /** Whether a role may do something, whoever holds it. */
  readonly authorizeRole: (roleArn: string, action: string, resource: string) => Decision;
}

/** What is said of a call whose connection is TLS. Services among themselves use nothing else. */
const overTls = { 'aws:SecureTransport': 'true' };

/**
 * Decides from the roles' and the resources' policies of the model, and from nothing else.
 *
 * @param secureTransport whether clients' calls count as made over TLS. Everything here is on the loopback interface,
 * without TLS, and policies that insist on it mean the way over the network
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
    authorizeRole: (arn, action, resource) => decide({ kind: 'role', arn }, action, resource, {}),
  };
}
