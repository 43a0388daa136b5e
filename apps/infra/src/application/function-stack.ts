import { CfnDeletionPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Context } from '../context.ts';
import { type DeployedFunction, isQueueFunction } from '../functions.ts';
import { arn, functionName, logGroupName } from '../names.ts';
import { policyDocument } from '../policy.ts';
import { tagResource } from '../tags.ts';
import { accessStatements, receiveStatement } from './access.ts';
import { environmentVariables } from './placeholders.ts';
import { trigger } from './trigger.ts';

/** One function: its code, role, log group and what triggers it. A unit of deployment of its own. */
export function functionStack(context: Context, fn: DeployedFunction): void {
  const { scope, environment } = context;
  const { manifest } = fn;
  const logs = logGroup(context, manifest.name);
  const code = new Asset(scope, 'Code', { path: fn.artifact });
  const queueFunctions = new Set(
    context.functions.filter(isQueueFunction).map((other) => other.manifest.name),
  );

  const made = new CfnFunction(scope, 'Function', {
    functionName: functionName(environment.name, manifest.name),
    description: manifest.description,
    architectures: ['arm64'],
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    code: { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey },
    memorySize: manifest.memoryMb,
    timeout: manifest.timeoutSeconds,
    ephemeralStorage: { size: manifest.ephemeralStorageMb },
    environment: { variables: environmentVariables(environment, manifest, queueFunctions) },
    role: role(context, fn).roleArn,
    loggingConfig: { logFormat: 'JSON', logGroup: logs.ref },
    tracingConfig: { mode: environment.tracing ? 'Active' : 'PassThrough' },
  });
  code.addResourceMetadata(made, 'Code');
  tagResource(made, manifest.name);
  trigger(context, fn, made);
}

function logGroup({ scope, environment }: Context, fn: string): CfnLogGroup {
  const group = new CfnLogGroup(scope, 'Logs', {
    logGroupName: logGroupName(environment.name, fn),
    retentionInDays: environment.retention.functionLogDays,
  });
  const policy = environment.protected ? CfnDeletionPolicy.RETAIN : CfnDeletionPolicy.DELETE;
  group.cfnOptions.deletionPolicy = policy;
  group.cfnOptions.updateReplacePolicy = policy;
  return tagResource(group, `${fn}.logs`);
}

function role({ scope, environment }: Context, fn: DeployedFunction): Role {
  const { name, manifest } = { name: environment.name, manifest: fn.manifest };
  const made = new Role(scope, 'Role', {
    roleName: functionName(name, manifest.name),
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    inlinePolicies: {
      access: policyDocument([
        new PolicyStatement({
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [arn('logs', `log-group:${logGroupName(name, manifest.name)}:*`)],
        }),
        ...accessStatements(name, manifest),
        ...(isQueueFunction(fn) ? [receiveStatement(name, manifest.name)] : []),
      ]),
    },
  });
  return tagResource(made, `${manifest.name}.role`);
}
