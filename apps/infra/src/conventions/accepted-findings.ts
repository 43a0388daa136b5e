import { Stack, Validations } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';

/** Says why a finding of cdk-nag is as it should be, for one resource. */
export function acknowledge(resource: IConstruct, rule: string, reason: string): void {
  Validations.of(resource).acknowledge({ id: `AwsSolutions::${rule}`, reason });
}

/** Says why each of a role's resources that ends in a wildcard does; others stay findings. */
export function acknowledgeWildcards(
  role: IConstruct,
  statements: readonly PolicyStatement[],
  reason: string,
): void {
  for (const resource of new Set(statements.flatMap((statement) => wildcards(role, statement)))) {
    acknowledge(role, `AwsSolutions-IAM5[Resource::${resource}]`, reason);
  }
}

/** As cdk-nag writes them: `${AWS::Region}` is `<AWS::Region>`. */
function wildcards(scope: IConstruct, statement: PolicyStatement): string[] {
  return statement.resources
    .map((resource) => Stack.of(scope).resolve(resource) as string | { 'Fn::Sub': string })
    .map((resource) => (typeof resource === 'string' ? resource : resource['Fn::Sub']))
    .filter((resource) => resource.includes('*'))
    .map((resource) => resource.replaceAll(/\$\{([^}]*)\}/g, '<$1>'));
}
