import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Context } from '../app/component.ts';
import { type DeployedFunction, isQueueFunction } from '../app/functions.ts';
import { outputs } from '../conventions/outputs.ts';
import { tagAsFunction, tagResource } from '../conventions/tags.ts';
import { account, functionName } from '../conventions/names.ts';
import { functionLogs } from './function-logs.ts';
import { functionRole } from './function-role.ts';
import { vpcConfig } from './vpc-config.ts';
import { environmentVariables } from './placeholders.ts';
import { traceVariables } from './tracing.ts';
import { trigger } from './trigger.ts';

/** One function: code, role, log group and trigger. It is deployed on its own. */
export function functionStack(context: Context, fn: DeployedFunction): void {
  const { scope, environment } = context;
  const { manifest } = fn;
  const logs = functionLogs(context, manifest);
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
    // A protected environment gets a new Node version only with a deployment, after the other environments have run it.
    ...(environment.protected && { runtimeManagementConfig: { updateRuntimeOn: 'FunctionUpdate' } }),
    code: { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey },
    memorySize: manifest.memoryMb,
    timeout: manifest.timeoutSeconds,
    ephemeralStorage: { size: manifest.ephemeralStorageMb },
    environment: {
      variables: {
        // Functions send the expected bucket owner to S3, because another account can guess and take a bucket's name.
        BUCKET_OWNER: account,
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
