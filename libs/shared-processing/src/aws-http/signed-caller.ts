import type { Endpoint } from './sdk-endpoint.ts';
import type { SignerProvider } from './signer.ts';
import type { HttpResponse, Transport } from './transport.ts';

/** One request, without the parts that its endpoint determines. */
export interface SignedCall {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** The whole path, percent-encoded. */
  path: string;
  /** Query parameters, not yet encoded. */
  query?: Record<string, string>;
  headers: Record<string, string>;
  body?: string | Uint8Array;
  /** Milliseconds without a byte after which the call fails, instead of the transport's. */
  stalledAfterMs?: number;
}

/** Sends one request, in one attempt. Rejects like its transport. */
export type SignedCaller = (
  address: Endpoint,
  call: SignedCall,
  signal?: AbortSignal,
) => Promise<HttpResponse>;

/**
 * Calls a service with the SDK's signer and nothing else of the SDK. The rest (endpoint rules, schemas, checksums,
 * retries, telemetry) costs four fifths of a small call's CPU time and does the same for every call.
 */
export function createSignedCaller(provider: SignerProvider, transport: Transport): SignedCaller {
  let signer: ReturnType<SignerProvider> | undefined;
  return async (address, { method, path, query = {}, headers, body, stalledAfterMs }, signal) => {
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
        ...(stalledAfterMs !== undefined && { stalledAfterMs }),
      },
      signal,
    );
  };
}

/** Percent-encodes text as signatures require: every byte except `A–Z a–z 0–9 - _ . ~`. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function queryString(query: Record<string, string>): string {
  const pairs = Object.entries(query).map(
    ([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`,
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
