import type { ProxyEnv } from 'node:http';

/** Programs on this machine are reached directly. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * The proxy for connections to AWS, from `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` (in lower case too, which takes precedence).
 *
 * @returns for the option `proxyEnv` of Node's agents; undefined if no proxy is set
 */
export function proxyOf(env: Readonly<Record<string, string | undefined>>): ProxyEnv | undefined {
  const named = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const https_proxy = named('HTTPS_PROXY');
  const http_proxy = named('HTTP_PROXY');
  if (https_proxy === undefined && http_proxy === undefined) return undefined;
  const no_proxy = [named('NO_PROXY') ?? [], LOOPBACK].flat().join(',');
  return {
    ...(https_proxy !== undefined && { https_proxy }),
    ...(http_proxy !== undefined && { http_proxy }),
    no_proxy,
  };
}

/** Whether Node's agents can use a proxy: since 24.5, and 22.21. Older ones ignore it. @param version `22.21.0` */
export function supportsProxy(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
}
