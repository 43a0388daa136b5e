import type { Readable } from 'node:stream';
import type { S3ClientResolvedConfig } from '@aws-sdk/client-s3';
import type { ServiceAddress } from './address.ts';

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

export interface HttpAnswer {
  statusCode: number;
  headers: Record<string, string>;
  /** To be consumed or destroyed, else the connection stays taken. */
  body: Readable;
}

/** Makes one call, once. Rejects with what the SDK's own handler says of connections: `ECONNRESET`, `TimeoutError`, … */
export type SignedCaller = (
  address: ServiceAddress,
  call: SignedCall,
  signal?: AbortSignal,
) => Promise<HttpAnswer>;

/** The parts of an SDK client that sign and send; every client has them. */
export interface SigningClient {
  config: Pick<S3ClientResolvedConfig, 'signer' | 'requestHandler'>;
}

/**
 * Calls a service with the client's own signer and HTTP handler, and nothing between: its credentials, connections and
 * timeouts are the client's. What the SDK does beside that for every call (rules for endpoints, schemas, checksums,
 * retries, telemetry) costs four fifths of a small call's processor time, and answers the same each time.
 */
export function createSignedCaller({ config }: SigningClient): SignedCaller {
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
    const { response } = await config.requestHandler.handle(request, signal && { abortSignal: signal });
    return response as HttpAnswer;
  };
}
