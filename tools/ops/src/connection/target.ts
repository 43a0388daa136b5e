import {
  type CloudInstance,
  findInstance,
  findInstanceAt,
} from '@data-aggregator/local-cloud/instance-registry';
import { exit, OpsError } from '../exit.ts';

/** Where a command works, as it is told by its options. */
export interface TargetOptions {
  target: 'local' | 'aws';
  endpoint?: string;
  env: string;
}

type Environment = Record<string, string | undefined>;

/** How embedded clouds that run on this machine are found. */
export interface FindRunning {
  byEnvironment: (environment: string) => CloudInstance | undefined;
  byEndpoint: (endpoint: string) => CloudInstance | undefined;
}

const LOCAL_REGION = 'eu-central-1';

/**
 * Points the AWS SDK at the embedded cloud or at AWS, by the environment variables that it reads. The embedded cloud
 * is the one that is named, or else the one that `npm run cloud` keeps running here.
 *
 * @param env `process.env`, which is changed
 * @param running finds the cloud that runs an environment's templates
 * @throws OpsError where it is not told enough
 */
export function pointAt(
  { target, endpoint, env: environment }: TargetOptions,
  env: Environment,
  running: FindRunning = { byEnvironment: findInstance, byEndpoint: findInstanceAt },
): void {
  if (target === 'aws') {
    if (endpoint !== undefined) throw new OpsError('--endpoint is for --target local.', exit.usage);
    // One that was set for the embedded cloud would make this command work there.
    for (const name of Object.keys(env))
      if (name.startsWith('AWS_ENDPOINT_URL')) Reflect.deleteProperty(env, name);
    return;
  }
  const named = endpoint ?? (env['AWS_ENDPOINT_URL'] || undefined);
  if (named !== undefined && !URL.canParse(named)) {
    throw new OpsError(`The endpoint "${named}" is not a URL.`, exit.usage);
  }
  const found = named === undefined ? running.byEnvironment(environment) : running.byEndpoint(named);
  const url = named ?? found?.endpoint;
  if (url === undefined) {
    throw new OpsError(
      `No embedded cloud with the templates of "${environment}" runs here: start one with "npm run cloud", or give --endpoint or --target aws.`,
      exit.usage,
    );
  }
  env['AWS_ENDPOINT_URL'] = url;
  // Those of the shell may be for AWS: they are for the embedded cloud only where it is named, too.
  if (named !== undefined && env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY']) {
    env['AWS_REGION'] = found?.region ?? env['AWS_REGION'] ?? LOCAL_REGION;
    return;
  }
  if (!found) {
    throw new OpsError(
      `The credentials for ${url} are not known: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to those that "npm run cloud" printed.`,
      exit.usage,
    );
  }
  env['AWS_REGION'] = found.region;
  env['AWS_ACCESS_KEY_ID'] = found.credentials.accessKeyId;
  env['AWS_SECRET_ACCESS_KEY'] = found.credentials.secretAccessKey;
  // The SDK would look there first.
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) Reflect.deleteProperty(env, name);
}
