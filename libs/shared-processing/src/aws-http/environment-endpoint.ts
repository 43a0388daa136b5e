import { partition } from '@aws-sdk/core/client';
import type { Endpoint } from './sdk-endpoint.ts';
import { regionOf } from './signer.ts';

/** Settings that change a service's endpoint by rules that only the SDK knows. */
const SDK_ONLY_SETTINGS = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'];

/**
 * The endpoint of a service, without an SDK client: `AWS_ENDPOINT_URL_<SERVICE>` or `AWS_ENDPOINT_URL` if set,
 * otherwise the service's endpoint in the function's region.
 *
 * @param service as in the host name; in capitals, as in the variable's name
 * @param regional the endpoint unless the environment sets one; by default the service's endpoint in the region
 * @throws Error if the environment asks for a FIPS or dual-stack endpoint without giving its URL
 */
export function environmentEndpoint(
  service: string,
  regional = (): string => `https://${service}.${regionalHost(process.env)}/`,
): Endpoint {
  const variable = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
  const configured = process.env[variable] || process.env['AWS_ENDPOINT_URL'];
  const setting = SDK_ONLY_SETTINGS.find((name) => process.env[name]?.toLowerCase() === 'true');
  if (setting && !configured) throw new Error(`${setting} requires ${variable}, the URL of ${service}`);
  const { protocol, hostname, port, host, pathname } = new URL(configured || regional());
  return {
    protocol,
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: pathname,
    headers: { host, 'user-agent': 'data-aggregator' },
  };
}

function regionalHost(env: NodeJS.ProcessEnv): string {
  const region = regionOf(env);
  return `${region}.${partition(region).dnsSuffix}`;
}
