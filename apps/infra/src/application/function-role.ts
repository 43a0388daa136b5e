import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { acknowledge, acknowledgeWildcards } from '../conventions/accepted-findings.ts';
import type { Context } from '../app/component.ts';
import { type DeployedFunction, isQueueFunction } from '../app/functions.ts';
import { arn, functionName, logGroupName } from '../conventions/names.ts';
import { policyDocument } from '../conventions/policies.ts';
import { tagResource } from '../conventions/tags.ts';
import { accessStatements, receiveStatement } from './access.ts';
import { traceStatement } from './tracing.ts';

/** A function's role. It allows what the manifest's `access` lists, the function's own queue and logs, and nothing else. */
export function functionRole({ scope, environment }: Context, fn: DeployedFunction): Role {
  const { manifest } = fn;
  const statements = [
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [arn('logs', `log-group:${logGroupName(environment.name, manifest.name)}:*`)],
    }),
    ...accessStatements(environment.name, manifest),
    ...(isQueueFunction(fn) ? [receiveStatement(environment.name, manifest.name)] : []),
  ];
  const everywhere = [
    ...(environment.tracing ? [traceStatement()] : []),
    ...(environment.network === undefined ? [] : [networkInterfaceStatement()]),
  ];
  const role = new Role(scope, 'Role', {
    roleName: functionName(environment.name, manifest.name),
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: { access: policyDocument([...statements, ...everywhere]) },
  });
  acknowledgeWildcards(role, statements, 'The names of objects and log streams are not known in advance.');
  if (everywhere.length > 0) {
    acknowledge(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      'These actions on trace segments and network interfaces support no resource-level permissions.',
    );
  }
  return tagResource(role, `${manifest.name}.role`);
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
function networkInterfaceStatement(): PolicyStatement {
  return new PolicyStatement({
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
  });
}
