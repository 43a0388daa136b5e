import { managedPolicy as awsManagedPolicy } from '../iam/managed.ts';
import { readPolicy, type Statement } from '../iam/policy.ts';
import { roleArn } from './identity.ts';
import type { RoleModel } from './model.ts';
import type { Resource } from './scope.ts';
import { managedPolicy, policy, role } from './schemas/iam.ts';
import { ofType } from './typed.ts';

/** Roles with all their permissions: inline policies, separately attached policies and AWS managed policies. */
export function interpretRoles(resources: readonly Resource[]): RoleModel[] {
  const attached = new Map<string, Statement[]>();
  const attachments = [
    ...ofType(resources, 'AWS::IAM::Policy', policy),
    ...ofType(resources, 'AWS::IAM::ManagedPolicy', managedPolicy),
  ];
  for (const { properties, where } of attachments) {
    const statements = readPolicy(properties.PolicyDocument, where);
    for (const name of properties.Roles) attached.set(name, [...(attached.get(name) ?? []), ...statements]);
  }
  return ofType(resources, 'AWS::IAM::Role', role).map(({ resource, properties, where }) => {
    const name = resource.physicalName;
    return {
      logicalId: resource.logicalId,
      name,
      arn: roleArn(name),
      statements: [
        ...properties.Policies.flatMap(({ PolicyName, PolicyDocument }) =>
          readPolicy(PolicyDocument, `${where}, policy ${PolicyName}`),
        ),
        ...(attached.get(name) ?? []),
        ...properties.ManagedPolicyArns.flatMap((arn) => awsManagedPolicy(arn, where)),
      ],
    };
  });
}
