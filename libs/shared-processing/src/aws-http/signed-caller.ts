import type { Endpoint } from './sdk-endpoint.ts';
import { percentEncode } from './percent-encode.ts';
import type { SignerProvider } from './signer.ts';
import type { HttpResponse, Transport } from './transport.ts';

/** One request, beside what its address tells. */
export interface SignedCall {
  method: 'GET' | 'POST';
  /** The whole path, percent-encoded. */
  path: string;
  /** Parameters, not encoded. */
  query?: Record<string, string>;
  headers: Record<string, string>;
  body?: string;
}

/** Makes one call, once. Rejects as its transport does. */
export type SignedCaller = (
  address: Endpoint,
  call: SignedCall,
  signal?: AbortSignal,
) => Promise<HttpResponse>;

/**
 * Calls a service with the SDK's own signer, and nothing else of the SDK. What it does beside that for every call (rules
 * for endpoints, schemas, checksums, retries, telemetry) costs four fifths of a small call's processor time, and answers
 * the same each time.
 */
export function createSignedCaller(provider: SignerProvider, transport: Transport): SignedCaller {
  let signer: ReturnType<SignerProvider> | undefined;
  return async (address, { method, path, query = {}, headers, body }, signal) => {
    signer ??= provider();
    const request = await (
      await signer
    ).sign({
      ...address,
      method,
      path,
      query,
      headers: { ...address.headers, ...headers },
      ...(body !== undefined && { body }),
    });
    return transport(
      {
        ...address,
        method,
        target: path + queryString(query),
        headers: request.headers,
        ...(body !== undefined && { body }),
      },
      signal,
    );
  };
}

function queryString(query: Record<string, string>): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`,
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
