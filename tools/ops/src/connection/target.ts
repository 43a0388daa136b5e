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
 * Points the AWS SDK at the embedded cloud or at AWS, by the environment variables that it reads.
 *
 * @param env `process.env`, which is changed
 * @throws OpsError where it is not told enough
 */
export function pointAt({ target, endpoint }: TargetOptions, env: Environment): void {
  if (target === 'aws') {
    if (endpoint !== undefined) throw new OpsError('--endpoint is for --target local.', exit.usage);
    // One that was set for the embedded cloud would make this command work there.
    for (const name of Object.keys(env))
      if (name.startsWith('AWS_ENDPOINT_URL')) Reflect.deleteProperty(env, name);
    return;
  }
  const url = endpoint ?? env['AWS_ENDPOINT_URL'];
  if (!url) {
    throw new OpsError(
      'Where is the embedded cloud? Give --endpoint or set AWS_ENDPOINT_URL, as "npm run cloud" tells it; or say --target aws.',
      exit.usage,
    );
  }
  if (!URL.canParse(url)) throw new OpsError(`The endpoint "${url}" is not a URL.`, exit.usage);
  if (!env['AWS_ACCESS_KEY_ID'] || !env['AWS_SECRET_ACCESS_KEY']) {
    throw new OpsError(
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as "npm run cloud" tells them.',
      exit.usage,
    );
  }
  env['AWS_ENDPOINT_URL'] = url;
  env['AWS_REGION'] ??= LOCAL_REGION;
}
