import type { S3ClientResolvedConfig } from '@aws-sdk/client-s3';
import type { ServiceAddress } from './address.ts';
import { escaped } from './escape.ts';
import type { HttpAnswer, Transport } from './transport.ts';

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
  address: ServiceAddress,
  call: SignedCall,
  signal?: AbortSignal,
) => Promise<HttpAnswer>;

/** The part of an SDK client that signs; every client has it. */
export interface SigningClient {
  config: Pick<S3ClientResolvedConfig, 'signer'>;
}

/**
 * Calls a service with the client's own signer, and nothing else of the SDK: its credentials are the client's. What the
 * SDK does beside that for every call (rules for endpoints, schemas, checksums, retries, telemetry) costs four fifths of
 * a small call's processor time, and answers the same each time.
 */
export function createSignedCaller({ config }: SigningClient, transport: Transport): SignedCaller {
  let signer: ReturnType<typeof config.signer> | undefined;
  return async (address, { method, path, query = {}, headers, body }, signal) => {
    signer ??= config.signer();
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
  const pairs = Object.entries(query).map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}
