import { join } from 'node:path';
import type { FunctionModel } from '../assembly/model.ts';
import type { Credentials } from '../iam/credentials.ts';

/** Endpoint, region and credentials for a function process. */
export interface Surroundings {
  readonly endpoint: string;
  readonly region: string;
  /** Key pair of the function's role, by which services identify the caller. */
  readonly credentials: Credentials;
}

/** The environment variables of a function process: Lambda's and the function's own. */
export function environmentVariables(
  fn: FunctionModel,
  { endpoint, region, credentials }: Surroundings,
  { runtimeApi, codeFolder, logStream }: Readonly<Record<'runtimeApi' | 'codeFolder' | 'logStream', string>>,
): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...fn.environment,
    _HANDLER: fn.handler,
    LAMBDA_TASK_ROOT: codeFolder,
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: fn.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_LOG_FORMAT: fn.logFormat,
    ...(fn.logLevel === undefined ? {} : { AWS_LAMBDA_LOG_LEVEL: fn.logLevel }),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
    // Lambda also disables the metadata service; without this, missing credentials would cost seconds.
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** Node's flags, with the same shares of the function's memory as in Lambda's runtime. */
export function nodeFlags(memoryMb: number): string[] {
  return [
    `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
    `--max-semi-space-size=${Math.max(1, Math.floor(memoryMb * 0.05))}`,
    '--max-http-header-size=81920',
  ];
}

/** Module loaded before the runtime client, to replace its native part. */
export const nativeClient = join(import.meta.dirname, 'native-client.cjs');
