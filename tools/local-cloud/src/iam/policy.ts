import * as v from 'valibot';
import { isAddressRange } from './address-range.ts';

/** A policy is invalid, or contains something that the local cloud does not evaluate. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

const operators = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'ArnEquals',
  'ArnLike',
  'ArnNotEquals',
  'ArnNotLike',
  'Bool',
  'Null',
  'IpAddress',
  'NotIpAddress',
] as const;
export type Operator = (typeof operators)[number];

const oneOrMore = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (Array.isArray(value) ? value : [value])),
);
const conditionValue = v.pipe(
  v.union([v.string(), v.boolean(), v.array(v.union([v.string(), v.boolean()]))]),
  v.transform((value) => (Array.isArray(value) ? value : [value]).map(String)),
);

const condition = v.pipe(
  v.record(v.string(), v.record(v.string(), conditionValue)),
  v.transform((blocks) =>
    Object.entries(blocks).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({ operator, key, values })),
    ),
  ),
  v.array(
    v.pipe(
      v.object({ operator: v.picklist(operators), key: v.string(), values: v.array(v.string()) }),
      v.check(
        ({ operator, values }) => !operator.endsWith('IpAddress') || values.every(isAddressRange),
        'an address must be compared with an address or a range such as 203.0.113.0/24',
      ),
      v.check(
        ({ operator, values }) =>
          operator !== 'Null' || values.every((value) => /^(true|false)$/i.test(value)),
        'Null requires true or false',
      ),
    ),
  ),
);

const principal = v.union([
  v.pipe(
    v.literal('*'),
    v.transform(() => ({ AWS: ['*'], Service: [] as string[] })),
  ),
  v.strictObject({ AWS: v.optional(oneOrMore, []), Service: v.optional(oneOrMore, []) }),
]);

const fields = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(['Allow', 'Deny']),
  Action: v.optional(oneOrMore),
  /** All actions except these. */
  NotAction: v.optional(oneOrMore),
  Resource: v.optional(oneOrMore, ['*']),
  Principal: v.optional(principal),
  Condition: v.optional(condition, {}),
});
const statement = v.pipe(
  fields,
  v.check(
    ({ Action, NotAction }) => (Action === undefined) !== (NotAction === undefined),
    'a statement needs either Action or NotAction',
  ),
);

const document = v.strictObject({
  Version: v.optional(v.string()),
  Id: v.optional(v.string()),
  Statement: v.pipe(
    v.union([v.array(v.unknown()), v.record(v.string(), v.unknown())]),
    v.transform((value): unknown[] => (Array.isArray(value) ? value : [value])),
  ),
});

/** One statement of a policy. Single values in the document become lists. */
export type Statement = v.InferOutput<typeof statement>;

/**
 * Reads a policy document.
 *
 * @param where name of the policy in errors
 * @throws PolicyError for elements and condition operators that are not supported (NotResource, NotPrincipal,
 *   ForAllValues…): a failed boot is better than a permission with another meaning than on AWS
 */
export function readPolicy(value: unknown, where: string): Statement[] {
  const parsed = v.safeParse(document, value);
  if (!parsed.success) throw problem(where, parsed.issues[0]);
  return parsed.output.Statement.map((item, index) => {
    const read = v.safeParse(statement, item);
    if (!read.success) throw problem(`${where}, statement ${index + 1}`, read.issues[0]);
    return read.output;
  });
}

function problem(where: string, issue: v.BaseIssue<unknown>): PolicyError {
  const at = v.getDotPath(issue);
  return new PolicyError(
    `${where}${at === null ? '' : `, ${at}`}: not supported by the local cloud: ${issue.message}`,
  );
}
