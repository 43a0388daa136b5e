import { hash, type KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller, CredentialStore } from '../../iam/credentials.ts';
import { peekBody } from '../peek-body.ts';
import {
  canonicalRequests,
  createSigningKeys,
  isSame,
  scopeOf,
  sign,
  type SignedRequest,
  stringToSign,
} from './compute.ts';
import { claimedService, parseSigning, queryPairs, type QueryPairs, type Signature } from './parse.ts';

/** Why a signature is refused. */
export type SignatureFault =
  | { readonly fault: 'other-mechanism' }
  | { readonly fault: 'two-mechanisms' }
  | { readonly fault: 'malformed'; readonly place: 'header' | 'query'; readonly why: string }
  | { readonly fault: 'unknown-key'; readonly accessKeyId: string }
  | { readonly fault: 'wrong-token' }
  | { readonly fault: 'no-date' }
  | { readonly fault: 'skewed'; readonly date: string; readonly serverTime: number }
  | { readonly fault: 'not-yet-valid' }
  | {
      readonly fault: 'expired';
      readonly expiresAt: number;
      readonly expiresSeconds: number;
      readonly serverTime: number;
    }
  | { readonly fault: 'headers-not-signed'; readonly names: readonly string[] }
  | { readonly fault: 'payload-hash'; readonly why: string }
  | {
      readonly fault: 'no-match';
      readonly accessKeyId: string;
      readonly signature: string;
      readonly stringToSign: string;
      readonly canonicalRequest: string;
    };

/** Inputs of chunk signatures in an `aws-chunked` body; the chain starts with the request's signature. */
export interface ChunkSigning {
  readonly key: KeyObject;
  readonly date: string;
  /** `20261125/eu-central-1/s3/aws4_request` */
  readonly scope: string;
  readonly seed: string;
}

/** The identity of a request's sender. */
export type Identity =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'verified';
      readonly caller: Caller;
      readonly accessKeyId: string;
      readonly service: string;
      readonly chunks: ChunkSigning | undefined;
      /** The request's body, which can still be read from the request too; undefined for S3. */
      readonly body: Buffer | undefined;
    }
  | ({ readonly kind: 'refused'; readonly service: string | undefined } & SignatureFault);

/** S3's limit: "the difference between the request time and the server's time is too large". */
export const maxSkewMs = 15 * 60 * 1000;

export type Identify = (request: IncomingMessage) => Promise<Identity>;

/**
 * Verifies Signature Version 4 in headers and in presigned URLs. For S3, the body hash stated in the request is
 * verified as part of the signature, and S3 compares it with the body as it arrives. Bodies for other services are read
 * and hashed here.
 *
 * @see "Signature Version 4 signing process" and "Authenticating Requests (AWS Signature Version 4)" in AWS's
 *   documentation
 */
export function createIdentify(credentials: CredentialStore, now: () => number = Date.now): Identify {
  const signingKey = createSigningKeys();

  return async (request) => {
    const url = request.url ?? '/';
    const at = url.indexOf('?');
    const path = at < 0 ? url : url.slice(0, at);
    let query: QueryPairs;
    try {
      query = queryPairs(at < 0 ? '' : url.slice(at + 1));
    } catch {
      const why = 'The query is not percent-encoded UTF-8.';
      return { kind: 'refused', service: undefined, fault: 'malformed', place: 'query', why };
    }
    const service = claimedService(request.headers, query);
    const refused = (fault: SignatureFault): Identity => ({ kind: 'refused', service, ...fault });

    const signing = parseSigning(request.headers, query);
    if (signing.kind === 'unsigned') return { kind: 'anonymous' };
    if (signing.kind === 'malformed') {
      return refused({ fault: 'malformed', place: signing.place, why: signing.why });
    }
    if (signing.kind !== 'signed') return refused({ fault: signing.kind });

    const { signature } = signing;
    const { accessKeyId } = signature;
    const holder = credentials.holderOf(accessKeyId);
    if (!holder) return refused({ fault: 'unknown-key', accessKeyId });
    // All keys here are long-term keys, which have no session token.
    if (signature.sessionToken !== undefined) return refused({ fault: 'wrong-token' });
    const { date } = signature;
    if (date === undefined) return refused({ fault: 'no-date' });
    const fault = faultOfTime(signature, date, now());
    if (fault) return refused(fault);

    const headers = plainHeaders(request);
    const names = signature.service === 's3' ? unsignedHeaders(headers, signature) : [];
    if (names.length > 0) return refused({ fault: 'headers-not-signed', names });
    const payload = await payloadHash(request, headers, query, signature);
    if (payload.kind === 'refused') return refused({ fault: 'payload-hash', why: payload.why });

    const key = await signingKey(holder.secretAccessKey, signature);
    const signed: SignedRequest = {
      method: request.method ?? 'GET',
      path,
      query: query.filter(([name]) => name !== 'X-Amz-Signature'),
      headers,
      payloadHash: payload.hash,
    };
    let first: { canonicalRequest: string; stringToSign: string } | undefined;
    for (const canonicalRequest of canonicalRequests(signed, signature)) {
      const text = stringToSign(canonicalRequest, signature, date);
      if (isSame(sign(key, text), signature.signature)) {
        const scope = scopeOf(signature);
        return {
          kind: 'verified',
          caller: holder.caller,
          accessKeyId,
          service: signature.service,
          chunks: payload.hash.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD')
            ? { key, date, scope, seed: signature.signature }
            : undefined,
          body: payload.body,
        };
      }
      first ??= { canonicalRequest: canonicalRequest.toString(), stringToSign: text };
    }
    return refused({
      fault: 'no-match',
      accessKeyId,
      signature: signature.signature,
      stringToSign: first?.stringToSign ?? '',
      canonicalRequest: first?.canonicalRequest ?? '',
    });
  };
}

function faultOfTime(
  { expiresSeconds }: Signature,
  date: string,
  serverTime: number,
): SignatureFault | undefined {
  const signedAt = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (expiresSeconds === undefined) {
    const isNear = Math.abs(serverTime - signedAt) <= maxSkewMs;
    return isNear ? undefined : { fault: 'skewed', date, serverTime };
  }
  if (!(signedAt - serverTime <= maxSkewMs)) return { fault: 'not-yet-valid' };
  const expiresAt = signedAt + expiresSeconds * 1000;
  return serverTime > expiresAt ? { fault: 'expired', expiresAt, expiresSeconds, serverTime } : undefined;
}

function plainHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(',') : (value ?? ''),
    ]),
  );
}

/** S3 requires every `x-amz-` header to be signed, because it could change what the request does. */
function unsignedHeaders(headers: Record<string, string>, { signedHeaders }: Signature): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('x-amz-') && !signedHeaders.includes(name));
}

const otherPayloads: ReadonlySet<string> = new Set([
  'UNSIGNED-PAYLOAD',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
]);

type PayloadHash = { kind: 'hash'; hash: string; body?: Buffer } | { kind: 'refused'; why: string };

async function payloadHash(
  request: IncomingMessage,
  headers: Record<string, string>,
  query: QueryPairs,
  { service, place }: Signature,
): Promise<PayloadHash> {
  if (service !== 's3') {
    const body = await peekBody(request);
    return { kind: 'hash', hash: hash('sha256', body), body };
  }
  const stated =
    headers['x-amz-content-sha256'] ??
    query.find(([name]) => name.toLowerCase() === 'x-amz-content-sha256')?.[1];
  if (stated === undefined) {
    return place === 'query'
      ? { kind: 'hash', hash: 'UNSIGNED-PAYLOAD' }
      : { kind: 'refused', why: 'Missing required header for this request: x-amz-content-sha256' };
  }
  if (/^[0-9a-f]{64}$/.test(stated) || otherPayloads.has(stated)) return { kind: 'hash', hash: stated };
  const why = `x-amz-content-sha256 must be ${[...otherPayloads].join(', ')}, or a valid sha256 value.`;
  return { kind: 'refused', why };
}
