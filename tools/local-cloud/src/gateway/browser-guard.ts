import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a `Host` header names the loopback interface: 127.0.0.0/8, `localhost`, `[::1]`, or a name below `localhost`,
 * as for virtual-hosted buckets. A web page whose own name resolves to 127.0.0.1 (DNS rebinding) sends that name
 * instead.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (name === '[::1]') return true;
  if (/^127(\.\d{1,3}){3}$/.test(name)) return true;
  return name === 'localhost' || /^[a-z0-9_.-]+\.localhost$/.test(name);
}

/**
 * Whether a request comes from a web page of another site. Browsers name the site in `Origin`. Where they omit it
 * (images, links), `Sec-Fetch-Site` identifies the page as foreign; that matters only for unsigned requests.
 */
export function isFromForeignPage(headers: IncomingHttpHeaders, isSigned: boolean): boolean {
  const { origin } = headers;
  if (origin !== undefined) return !(URL.canParse(origin) && isLoopbackHost(new URL(origin).host));
  return !isSigned && headers['sec-fetch-site'] === 'cross-site';
}

/** Whether a `Host` header names a bucket, as in `bucket.localhost`. Then every path is a key. */
export function isBucketHost(host: string | undefined): boolean {
  return /.\.localhost(:\d+)?$/i.test(host ?? '');
}
