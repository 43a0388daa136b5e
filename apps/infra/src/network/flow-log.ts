import { CfnFlowLog, type CfnVPC } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { acknowledgeWildcards } from '../conventions/accepted-findings.ts';
import type { Context } from '../app/component.ts';
import { applyRemovalPolicy } from '../conventions/removal-policy.ts';
import { account, arn, logGroupName, physicalName } from '../conventions/names.ts';
import { policyDocument } from '../conventions/policies.ts';
import { tagResource } from '../conventions/tags.ts';

/** Logs rejected traffic only: in a network without routes to the internet, rejections show mistakes and intrusions. */
export function flowLog({ scope, environment }: Context, vpc: CfnVPC): void {
  const name = logGroupName(environment.name, 'network');
  const logs = new CfnLogGroup(scope, 'FlowLogs', {
    logGroupName: name,
    retentionInDays: environment.retention.functionLogDays,
  });
  applyRemovalPolicy(logs, environment);
  const statements = [
    new PolicyStatement({
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
      resources: [arn('logs', `log-group:${name}:*`)],
    }),
  ];
  const role = new Role(scope, 'FlowLogRole', {
    roleName: physicalName(environment.name, 'flow-log'),
    assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': account } },
    }),
    inlinePolicies: { write: policyDocument(statements) },
  });
  acknowledgeWildcards(role, statements, 'The names of log streams are not known in advance.');
  const made = new CfnFlowLog(scope, 'FlowLog', {
    resourceType: 'VPC',
    resourceId: vpc.ref,
    trafficType: 'REJECT',
    logDestinationType: 'cloud-watch-logs',
    logGroupName: logs.ref,
    deliverLogsPermissionArn: role.roleArn,
  });
  tagResource(logs, 'network.logs');
  tagResource(role, 'network.flow-log-role');
  tagResource(made, 'network.flow-log');
}
