import { readBody, type SignedCaller } from '../aws-http/index.ts';
import { type KeyValue, type OtlpSpan, sanitizeText } from './otlp.ts';

/**
 * Sends spans as OTLP/JSON over HTTP, in one attempt.
 *
 * @param call signs requests for X-Ray, which accepts no others
 * @throws Error with the response, or the connection's error
 */
export async function sendSpans(
  endpoint: URL,
  resource: readonly KeyValue[],
  spans: readonly OtlpSpan[],
  call: SignedCaller,
  signal: AbortSignal,
): Promise<void> {
  const { protocol, hostname, port, pathname, host } = endpoint;
  const scopeSpans = [{ scope: { name: 'data-aggregator' }, spans }];
  const address = {
    protocol,
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: pathname,
    headers: { host, 'user-agent': 'data-aggregator' },
  };
  const { statusCode, body } = await call(
    address,
    {
      method: 'POST',
      path: pathname,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource: { attributes: resource }, scopeSpans }] }),
    },
    signal,
  );
  const text = await readBody(body);
  // If only some spans are accepted, the status is 200, and the body says how many were rejected and why.
  if (statusCode !== 200 || text.includes('rejectedSpans'))
    throw new Error(`HTTP ${statusCode}: ${sanitizeText(text)}`);
}
