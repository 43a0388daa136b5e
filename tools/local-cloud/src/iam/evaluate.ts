import { isInRange } from './address-range.ts';
import type { Operator, Statement } from './policy.ts';
import { matchesPattern } from './pattern.ts';

/** An authorization request: principal, action, resource and context. */
export interface Request {
  /** `s3:GetObject` */
  readonly action: string;
  /** ARN of the resource, or `*` for an action without one. */
  readonly resource: string;
  readonly principal: Principal;
  /** Values of condition keys (`s3:prefix`, `aws:SourceArn`). */
  readonly context: Readonly<Record<string, string>>;
}

export type Principal =
  | { readonly kind: 'role'; readonly arn: string }
  /** An AWS service that acts by itself, like S3 when it sends a notification. */
  | { readonly kind: 'service'; readonly service: string };

export type Decision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: 'explicit-deny' | 'no-allow'; readonly sid?: string };

/**
 * Evaluates a call within one account: an explicit Deny anywhere wins; otherwise an Allow in either policy suffices.
 * Rule: IAM User Guide, "Policy evaluation logic", single account, no boundaries.
 *
 * @param identity statements of the principal's own policies
 * @param resource statements of the resource's policy (bucket, queue, topic)
 */
export function evaluate(
  identity: readonly Statement[],
  resource: readonly Statement[],
  request: Request,
): Decision {
  const applying = [
    ...identity.filter((statement) => covers(statement, request)),
    ...resource.filter((statement) => concerns(statement, request) && covers(statement, request)),
  ];
  const denial = applying.find(({ Effect }) => Effect === 'Deny');
  if (denial) {
    return {
      allowed: false,
      reason: 'explicit-deny',
      ...(denial.Sid === undefined ? {} : { sid: denial.Sid }),
    };
  }
  return applying.length > 0 ? { allowed: true } : { allowed: false, reason: 'no-allow' };
}

function covers({ Action, NotAction = [], Resource, Condition }: Statement, request: Request): boolean {
  const isAmong = (actions: readonly string[]) =>
    actions.some((pattern) => matchesPattern(pattern.toLowerCase(), request.action.toLowerCase()));
  return (
    (Action ? isAmong(Action) : !isAmong(NotAction)) &&
    Resource.some((pattern) => matchesPattern(pattern, request.resource)) &&
    Condition.every((condition) => meets(condition, request.context[condition.key]))
  );
}

/**
 * Whether a resource policy's statement applies to this principal. The account root as principal delegates to the
 * account's own policies: as a Deny it applies to every role, as an Allow to none.
 */
function concerns({ Principal: named, Effect }: Statement, { principal }: Request): boolean {
  if (!named) return false;
  if (principal.kind === 'service')
    return named.AWS.includes('*') || named.Service.includes(principal.service);
  return named.AWS.some((arn) => {
    if (arn === '*' || arn === principal.arn) return true;
    return Effect === 'Deny' && (/^\d{12}$/.test(arn) || arn.endsWith(':root'));
  });
}

function meets(
  { operator, values }: { operator: Operator; values: readonly string[] },
  actual: string | undefined,
): boolean {
  const some = (match: (expected: string, actual: string) => boolean) =>
    actual !== undefined && values.some((expected) => match(expected, actual));
  switch (operator) {
    case 'StringEquals':
      return some((expected, value) => expected === value);
    case 'StringNotEquals':
      return !some((expected, value) => expected === value);
    case 'StringLike':
    case 'ArnLike':
    case 'ArnEquals':
      return some(matchesPattern);
    case 'StringNotLike':
    case 'ArnNotLike':
    case 'ArnNotEquals':
      return !some(matchesPattern);
    case 'Bool':
      return some((expected, value) => expected.toLowerCase() === value.toLowerCase());
    case 'Null':
      // "true" means that the key must be absent. Source: IAM User Guide, "Condition operator to check existence of
      // condition keys".
      return values.some((expected) => (expected.toLowerCase() === 'true') === (actual === undefined));
    case 'IpAddress':
      return actual !== undefined && isInRange(values, actual);
    case 'NotIpAddress':
      return actual === undefined || !isInRange(values, actual);
  }
}
