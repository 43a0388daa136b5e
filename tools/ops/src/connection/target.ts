import { adminCredentials, type RunningCloud, runningCloud } from '@data-aggregator/local-cloud/running';
import { exit, OpsError } from '../exit.ts';

/** Where a command works, as it is told by its options. */
export interface TargetOptions {
  target: 'local' | 'aws';
  endpoint?: string;
  env: string;
}

type Environment = Record<string, string | undefined>;

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
  running: (environment: string) => RunningCloud | undefined = runningCloud,
): void {
  if (target === 'aws') {
    if (endpoint !== undefined) throw new OpsError('--endpoint is for --target local.', exit.usage);
    // One that was set for the embedded cloud would make this command work there.
    for (const name of Object.keys(env))
      if (name.startsWith('AWS_ENDPOINT_URL')) Reflect.deleteProperty(env, name);
    return;
  }
  const named = endpoint ?? (env['AWS_ENDPOINT_URL'] || undefined);
  const found = named ? undefined : running(environment);
  const url = named ?? found?.endpoint;
  if (!url) {
    throw new OpsError(
      `No embedded cloud with the templates of "${environment}" runs here: start one with "npm run cloud", or give --endpoint or --target aws.`,
      exit.usage,
    );
  }
  if (!URL.canParse(url)) throw new OpsError(`The endpoint "${url}" is not a URL.`, exit.usage);
  env['AWS_ENDPOINT_URL'] = url;
  env['AWS_REGION'] = found?.region ?? env['AWS_REGION'] ?? LOCAL_REGION;
  // Those of the shell may be for AWS: they are for the embedded cloud only where it is named, too.
  if (!found && env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY']) return;
  env['AWS_ACCESS_KEY_ID'] = adminCredentials.accessKeyId;
  env['AWS_SECRET_ACCESS_KEY'] = adminCredentials.secretAccessKey;
  // The SDK would look there first.
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) Reflect.deleteProperty(env, name);
}
