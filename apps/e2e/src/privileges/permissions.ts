import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { sandboxAssembly } from '../workspace.ts';

/** One action on one resource: the smallest permission that can be removed. */
export interface Permission {
  /** Such as `s3:GetObject on landing/*`. */
  name: string;
  statement: object;
}

const oneOrMore = v.pipe(
  v.union([v.array(v.unknown()), v.unknown()]),
  v.transform((value): unknown[] => (Array.isArray(value) ? value : [value])),
);
const statement = v.strictObject({
  Effect: v.literal('Allow'),
  Action: oneOrMore,
  Resource: oneOrMore,
});
export const role = v.looseObject({
  RoleName: v.string(),
  Policies: v.tuple([v.looseObject({ PolicyDocument: v.looseObject({ Statement: v.array(statement) }) })]),
});

/** The permissions in a role's properties, one by one. */
export function permissionsOf(properties: unknown): Permission[] {
  const {
    Policies: [{ PolicyDocument }],
  } = v.parse(role, properties);
  return PolicyDocument.Statement.flatMap(({ Effect, Action, Resource }) =>
    Action.flatMap((action) =>
      Resource.map((resource) => ({
        name: `${String(action)} on ${shortName(resource)}`,
        statement: { Effect, Action: action, Resource: resource },
      })),
    ),
  );
}

/** Names of the functions in the sandbox's templates. */
export function functionNames(): string[] {
  return readdirSync(sandboxAssembly)
    .flatMap((file) => /^application-(.*)\.template\.json$/.exec(file)?.[1] ?? [])
    .sort();
}

/** The permissions of a function in the sandbox's templates. */
export function permissionsOfFunction(name: string): Permission[] {
  const file = join(sandboxAssembly, `application-${name}.template.json`);
  const { Resources } = v.parse(templateOfFunction, JSON.parse(readFileSync(file, 'utf8')));
  const roles = Object.values(Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
  return roles.flatMap(({ Properties }) => permissionsOf(Properties));
}

const templateOfFunction = v.object({
  Resources: v.record(v.string(), v.object({ Type: v.string(), Properties: v.optional(v.unknown()) })),
});

const reference = v.object({ 'Fn::Sub': v.string() });

/** A short name for an ARN, such as `landing/*` for the landing bucket's objects. */
function shortName(resource: unknown): string {
  const arn = v.parse(reference, resource)['Fn::Sub'].replaceAll(/\$\{[^}]*\}/g, '');
  return arn
    .split(':')
    .slice(5)
    .join(':')
    .replace(/data-aggregator-sandbox-/, '')
    .replace(/--(?=\/|$)/, '');
}
