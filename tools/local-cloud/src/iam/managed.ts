import { type Statement, PolicyError } from './policy.ts';

const allow = (...Action: string[]): Statement => ({
  Effect: 'Allow',
  Action,
  Resource: ['*'],
  Condition: [],
});

const logs = allow('logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents');

/** AWS managed policies commonly attached to functions, by the end of their ARN. */
const policies: Readonly<Record<string, readonly Statement[]>> = {
  'service-role/AWSLambdaBasicExecutionRole': [logs],
  'service-role/AWSLambdaVPCAccessExecutionRole': [
    logs,
    allow('ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'),
  ],
  AWSXRayDaemonWriteAccess: [allow('xray:PutTraceSegments', 'xray:PutTelemetryRecords')],
};

/** The statements of an AWS managed policy. @throws PolicyError if it is not supported */
export function managedPolicy(arn: string, where: string): readonly Statement[] {
  const name = arn.replace(/^arn:[^:]*:iam::aws:policy\//, '');
  const found = policies[name];
  if (!found)
    throw new PolicyError(`${where}: the managed policy ${arn} is not supported by the local cloud`);
  return found;
}
