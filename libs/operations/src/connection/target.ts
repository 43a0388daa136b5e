import { type CloudInstance, findInstance, findInstanceAt } from '../instance-registry/index.ts';
import { exit, OpsError } from '../errors/index.ts';

/** The options that choose where a command works. */
export interface TargetOptions {
  target: 'local' | 'aws';
  endpoint?: string;
  env: string;
}

type Environment = Record<string, string | undefined>;

/** Finds embedded clouds that run on this machine. */
export interface FindRunning {
  byEnvironment: (environment: string) => CloudInstance | undefined;
  byEndpoint: (endpoint: string) => CloudInstance | undefined;
}

const LOCAL_REGION = 'eu-central-1';

/**
 * Sets the environment variables that point the AWS SDK to the embedded cloud or to AWS. The embedded cloud is the one
 * named by option or variable, or else the one that `npm run cloud` runs here.
 *
 * @param env `process.env`, which is changed
 * @param running finds the cloud that runs an environment's templates
 * @throws OpsError if options and variables are not enough
 */
export function pointAt(
  { target, endpoint, env: environment }: TargetOptions,
  env: Environment,
  running: FindRunning = { byEnvironment: findInstance, byEndpoint: findInstanceAt },
): void {
  if (target === 'aws') {
    if (endpoint !== undefined) throw new OpsError('--endpoint works only with --target local.', exit.usage);
    // An endpoint left over from the embedded cloud would redirect this command there.
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
      `No embedded cloud with the templates of "${environment}" is running. Start one with "npm run cloud", or use --endpoint or --target aws.`,
      exit.usage,
    );
  }
  env['AWS_ENDPOINT_URL'] = url;
  // The shell's credentials may be for AWS. Use them only if the endpoint is named as well.
  if (named !== undefined && env['AWS_ACCESS_KEY_ID'] && env['AWS_SECRET_ACCESS_KEY']) {
    env['AWS_REGION'] = found?.region ?? env['AWS_REGION'] ?? LOCAL_REGION;
    return;
  }
  if (!found) {
    throw new OpsError(
      `The credentials for ${url} are unknown. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to those that "npm run cloud" printed.`,
      exit.usage,
    );
  }
  env['AWS_REGION'] = found.region;
  env['AWS_ACCESS_KEY_ID'] = found.credentials.accessKeyId;
  env['AWS_SECRET_ACCESS_KEY'] = found.credentials.secretAccessKey;
  // The SDK would prefer these.
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN']) Reflect.deleteProperty(env, name);
}
