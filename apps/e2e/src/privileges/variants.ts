import type { CloudOptions } from '@data-aggregator/local-cloud';
import * as v from 'valibot';
import { type Permission, permissionsOf, role } from './permissions.ts';

/** A changed copy of a function. */
export interface Variant {
  /** Appended to the function's name. */
  suffix: string;
  /** The permission to remove, if any. */
  without: string | undefined;
  timeoutSeconds?: number;
  environment?: Readonly<Record<string, string>>;
}

type Transform = NonNullable<CloudOptions['transformTemplate']>;

const functionProperties = v.looseObject({
  FunctionName: v.string(),
  Timeout: v.number(),
  Environment: v.looseObject({ Variables: v.record(v.string(), v.unknown()) }),
});

/**
 * Adds variants of a function, each with its own role, so that one cloud can test the function without each permission.
 * Removes all triggers, because the tests invoke the functions themselves.
 */
export function withVariants(functionName: string, variants: readonly Variant[]): Transform {
  return (template, stackName) => {
    const resources = Object.entries(template.Resources).filter(([, { Type }]) => !STARTS.has(Type));
    if (!stackName.endsWith(`-application-${functionName}`)) {
      return { ...template, Resources: Object.fromEntries(resources) };
    }
    const one = (type: string) => {
      const [found] = resources.filter(([, { Type }]) => Type === type);
      if (found === undefined) throw new Error(`${stackName} has no ${type}`);
      return found[1];
    };
    const [fn, itsRole] = [one('AWS::Lambda::Function'), one('AWS::IAM::Role')];
    const added = variants.flatMap((variant) => {
      const id = `Variant${variant.suffix.replaceAll(/\W/g, '')}`;
      return [
        [`${id}Role`, { ...itsRole, Properties: roleOf(variant, itsRole.Properties) }],
        [id, { ...fn, Properties: functionOf(variant, fn.Properties, `${id}Role`) }],
      ] as const;
    });
    return { ...template, Resources: Object.fromEntries([...resources, ...added]) };
  };
}

/** Removes a permission from the function itself. */
export function withoutPermission(functionName: string, without: string): Transform {
  return (template, stackName) => {
    if (!stackName.endsWith(`-application-${functionName}`)) return template;
    const resources = Object.entries(template.Resources).map(([id, resource]) =>
      resource.Type === 'AWS::IAM::Role'
        ? [id, { ...resource, Properties: roleWithout(without, resource.Properties) }]
        : [id, resource],
    );
    return { ...template, Resources: Object.fromEntries(resources) };
  };
}

/** Types of resources that invoke functions. */
const STARTS = new Set(['AWS::Lambda::EventSourceMapping', 'AWS::Events::Rule', 'AWS::Lambda::Permission']);

function roleOf({ suffix, without }: Variant, properties: unknown): Record<string, unknown> {
  const { RoleName } = v.parse(role, properties);
  return { ...roleWithout(without, properties), RoleName: `${RoleName}-${suffix}` };
}

/** A role's properties without one permission. */
function roleWithout(without: string | undefined, properties: unknown): Record<string, unknown> {
  const kept = permissionsOf(properties).filter(({ name }) => name !== without);
  return { ...v.parse(role, properties), Policies: [policyOf(kept)] };
}

const policyOf = (permissions: readonly Permission[]) => ({
  PolicyName: 'access',
  PolicyDocument: { Version: '2012-10-17', Statement: permissions.map(({ statement }) => statement) },
});

function functionOf(variant: Variant, properties: unknown, roleId: string): Record<string, unknown> {
  const { FunctionName, Environment, Timeout, ...others } = v.parse(functionProperties, properties);
  const { suffix, timeoutSeconds = Timeout, environment = {} } = variant;
  return {
    ...others,
    FunctionName: `${FunctionName}-${suffix}`,
    Role: { 'Fn::GetAtt': [roleId, 'Arn'] },
    Timeout: timeoutSeconds,
    Environment: { Variables: { ...Environment.Variables, ...environment } },
  };
}
