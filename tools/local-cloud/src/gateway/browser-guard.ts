import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a `Host` header names the loopback interface: 127.0.0.0/8, `localhost`, `[::1]`, or a name below `localhost`,
 * as for virtual-hosted buckets. A web page whose own name leads to 127.0.0.1 (DNS rebinding) sends that name.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (name === '[::1]') return true;
  if (/^127(\.\d{1,3}){3}$/.test(name)) return true;
  return name === 'localhost' || /^[a-z0-9_.-]+\.localhost$/.test(name);
}

/**
 * Whether a request comes from a web page of another machine. Browsers name the page in `Origin`; where they send none
 * (an image, a link), `Sec-Fetch-Site` says that the page is of another site, which matters for unsigned requests only.
 */
export function isFromForeignPage(headers: IncomingHttpHeaders, isSigned: boolean): boolean {
  const { origin } = headers;
  if (origin !== undefined) return !(URL.canParse(origin) && isLoopbackHost(new URL(origin).host));
  return !isSigned && headers['sec-fetch-site'] === 'cross-site';
}

/** Whether a `Host` header names a bucket, as in `bucket.localhost`. Every path is a key there. */
export function isBucketHost(host: string | undefined): boolean {
  return /.\.localhost(:\d+)?$/i.test(host ?? '');
}
