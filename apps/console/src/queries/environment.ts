import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import { loadFunctions } from '@data-aggregator/function-manifest';
import {
  connect,
  type Connection,
  functionName,
  type TargetOptions,
} from '@data-aggregator/operations/connection';
import { createControl, type Control } from './control.ts';

/** An environment with the clients and names that the console's queries need. */
export interface Environment extends Connection {
  target: 'local' | 'aws';
  /** `dev` */
  name: string;
  cloudwatch: CloudWatchClient;
  logs: CloudWatchLogsClient;
  /** For requests that `store` and `listing` have no operation for. */
  s3: S3Client;
  /** Short names of the functions, in the order of their folders. */
  functionNames: readonly string[];
  /** Names of queues. */
  queues: { main: string; large: string; ready: string; deadLetters: string[] };
  /** Faults; the embedded cloud only. */
  control?: Control;
}

/** The function that reports the outcomes of files. */
export const DELIVERING = 'aggregator';
export const LARGE = 'large-objects';

/**
 * Connects to an environment.
 *
 * @param workspace its root, whose functions are shown
 * @param env `process.env`, which is changed so that the SDK's clients work on the target
 * @throws OpsError
 */
export async function connectEnvironment(
  options: TargetOptions,
  env: Record<string, string | undefined>,
  workspace: string,
  note: (sentence: string) => void,
): Promise<Environment> {
  const connection = await connect(options, env, note);
  const queueOf = (url: string) => url.split('/').at(-1) ?? '';
  const name = (end: string) => functionName(options.env, end);
  const endpoint = env['AWS_ENDPOINT_URL'];
  return {
    ...connection,
    target: options.target,
    name: options.env,
    cloudwatch: new CloudWatchClient({}),
    logs: new CloudWatchLogsClient({}),
    s3: new S3Client({ forcePathStyle: options.target === 'local' }),
    functionNames: loadFunctions(workspace).map(({ manifest }) => manifest.name),
    queues: {
      main: queueOf(connection.resources.queueUrl),
      large: name(LARGE),
      ready: name('ready'),
      deadLetters: connection.resources.deadLettersUrls.map(queueOf),
    },
    ...(options.target === 'local' &&
      endpoint !== undefined && {
        control: createControl(endpoint, {
          accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
          secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
        }),
      }),
  };
}

/** The physical name of a function. */
export function physicalName({ name }: Pick<Environment, 'name'>, fn: string): string {
  return functionName(name, fn);
}

export function logGroupName({ name }: Pick<Environment, 'name'>, fn: string): string {
  return `/data-aggregator/${name}/${fn}`;
}
