import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '@data-aggregator/shared-processing/aws-http';
import type { Credentials } from '../iam/credentials.ts';

export interface Call {
  readonly service: string;
  readonly credentials: Credentials;
  readonly region?: string;
  readonly method?: string;
  /** Encoded path and query. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Time of signing; default: now. */
  readonly signingDate?: Date;
}

/** Headers of a signed call, including `host`, like an SDK's. */
export async function signedHeaders(endpoint: string, call: Call): Promise<Record<string, string>> {
  const { service, credentials, region = 'eu-central-1', method = 'POST', path = '/', body } = call;
  const url = new URL(path, endpoint);
  const signer = new SignatureV4({
    service,
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
  });
  const request = {
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    method,
    path: path.split('?')[0] ?? '/',
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, ...call.headers },
    body,
  };
  const { headers } = await signer.sign(request, {
    ...(call.signingDate && { signingDate: call.signingDate }),
  });
  return headers;
}

/** Makes a signed call without an SDK client. */
export async function signedFetch(endpoint: string, call: Call): Promise<Response> {
  const { method = 'POST', path = '/', body } = call;
  const headers = await signedHeaders(endpoint, call);
  return fetch(new URL(path, endpoint), { method, headers, ...(body !== undefined && { body }) });
}
