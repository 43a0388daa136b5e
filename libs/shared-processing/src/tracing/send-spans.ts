import { addAbortSignal, type Readable } from 'node:stream';
import type { SQSClientResolvedConfig } from '@aws-sdk/client-sqs';
import { textOf } from '../signed-calls/index.ts';
import { type KeyValue, type OtlpSpan, shown } from './otlp.ts';

/** The parts of an SDK client that sign and send; every client has them. */
export interface SigningClient {
  config: Pick<SQSClientResolvedConfig, 'signer' | 'requestHandler'>;
}

/** X-Ray's endpoint for OTLP takes requests that are signed for this service. */
const SIGNING_SERVICE = 'xray';

/**
 * Sends spans, once, as OTLP in JSON over HTTP.
 *
 * @throws Error that says what was answered, and whatever breaks a connection
 */
export async function sendSpans(
  endpoint: URL,
  resource: readonly KeyValue[],
  spans: readonly OtlpSpan[],
  { config }: SigningClient,
  signal: AbortSignal,
): Promise<void> {
  const { protocol, hostname, port, pathname, host } = endpoint;
  const scopeSpans = [{ scope: { name: 'data-aggregator' }, spans }];
  const signer = await config.signer();
  const request = await signer.sign(
    {
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: pathname,
      query: {},
      method: 'POST',
      headers: { host, 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource: { attributes: resource }, scopeSpans }] }),
    },
    { signingService: SIGNING_SERVICE },
  );
  const { response } = await config.requestHandler.handle(request as never, { abortSignal: signal });
  const text = await textOf(addAbortSignal(signal, response.body as Readable));
  // A request that was taken in part says so with status 200, by a number of spans and a reason.
  if (response.statusCode !== 200 || text.includes('rejectedSpans')) {
    throw new Error(`HTTP ${response.statusCode}: ${shown(text)}`);
  }
}
