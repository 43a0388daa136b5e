import { Stack, Validations } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Accepts a cdk-nag finding for one resource, with the reason. */
export function acknowledge(resource: IConstruct, rule: string, reason: string): void {
  Validations.of(resource).acknowledge({ id: `AwsSolutions::${rule}`, reason });
}

/** Accepts the wildcards in the resources of the given statements, with the reason; any other wildcard stays a finding. */
export function acknowledgeWildcards(
  role: IConstruct,
  statements: readonly PolicyStatement[],
  reason: string,
): void {
  for (const resource of new Set(statements.flatMap((statement) => wildcards(role, statement)))) {
    acknowledge(role, `AwsSolutions-IAM5[Resource::${resource}]`, reason);
  }
}

/** Resources with a wildcard in the notation of cdk-nag: `<AWS::Region>` for `${AWS::Region}`. */
function wildcards(scope: IConstruct, statement: PolicyStatement): string[] {
  return statement.resources
    .map((resource) => Stack.of(scope).resolve(resource) as string | { 'Fn::Sub': string })
    .map((resource) => (typeof resource === 'string' ? resource : resource['Fn::Sub']))
    .filter((resource) => resource.includes('*'))
    .map((resource) => resource.replaceAll(/\$\{([^}]*)\}/g, '<$1>'));
}
