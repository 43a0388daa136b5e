import { partition } from '@aws-sdk/core/client';
import type { Endpoint } from './sdk-endpoint.ts';
import { regionOf } from './signer.ts';

/** Settings that move a service to another endpoint by rules which are the SDK's. */
const RULED = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'];

/**
 * Where a service takes requests whose client is not asked: where the environment says, by `AWS_ENDPOINT_URL_…` or
 * `AWS_ENDPOINT_URL`, and otherwise in the function's region.
 *
 * @param service as it stands in the host's name and, in capitals, in the variable's
 * @param regional where the service is unless the environment says otherwise; by default its endpoint in the region
 * @throws where the environment asks for an endpoint that only the SDK knows to find
 */
export function environmentEndpoint(
  service: string,
  regional = (): string => `https://${service}.${hostSuffix(process.env)}/`,
): Endpoint {
  const variable = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
  const stated = process.env[variable] || process.env['AWS_ENDPOINT_URL'];
  const ruled = RULED.find((name) => process.env[name]?.toLowerCase() === 'true');
  if (ruled && !stated) throw new Error(`${ruled} needs ${variable} to say where ${service} is`);
  const { protocol, hostname, port, host, pathname } = new URL(stated || regional());
  return {
    protocol,
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: pathname,
    headers: { host, 'user-agent': 'data-aggregator' },
  };
}

function hostSuffix(env: NodeJS.ProcessEnv): string {
  const region = regionOf(env);
  return `${region}.${partition(region).dnsSuffix}`;
}
