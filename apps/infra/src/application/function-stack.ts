import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Context } from '../context.ts';
import { type DeployedFunction, isQueueFunction } from '../functions.ts';
import { outputs } from '../outputs.ts';
import { tagAsFunction, tagResource } from '../tags.ts';
import { functionName } from '../names.ts';
import { functionLogs } from './function-logs.ts';
import { functionRole } from './function-role.ts';
import { vpcConfig } from './vpc-config.ts';
import { environmentVariables } from './placeholders.ts';
import { traceVariables } from './tracing.ts';
import { trigger } from './trigger.ts';

/** One function: its code, role, log group and what triggers it. A unit of deployment of its own. */
export function functionStack(context: Context, fn: DeployedFunction): void {
  const { scope, environment } = context;
  const { manifest } = fn;
  const logs = functionLogs(context, manifest.name);
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
    // A new Node reaches a protected environment with a deployment, after it has proved itself in the others.
    ...(environment.protected && { runtimeManagementConfig: { updateRuntimeOn: 'FunctionUpdate' } }),
    code: { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey },
    memorySize: manifest.memoryMb,
    timeout: manifest.timeoutSeconds,
    ephemeralStorage: { size: manifest.ephemeralStorageMb },
    environment: {
      variables: {
        ...traceVariables(environment),
        ...environmentVariables(environment, manifest, queueFunctions),
      },
    },
    role: functionRole(context, fn).roleArn,
    loggingConfig: { logFormat: 'JSON', logGroup: logs.ref },
    ...vpcConfig(context),
    tracingConfig: { mode: environment.tracing ? 'Active' : 'PassThrough' },
  });
  code.addResourceMetadata(made, 'Code');
  tagResource(made, manifest.name);
  tagAsFunction(scope, manifest);
  trigger(context, fn, made);
  outputs(scope, { FunctionName: made.ref });
}
