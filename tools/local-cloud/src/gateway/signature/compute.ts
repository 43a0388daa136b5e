import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import {
  getCanonicalHeaders,
  type getCanonicalQuery,
  getSigningKey,
  SignatureV4Base,
} from '@smithy/signature-v4';
import { Sha256 } from '@data-aggregator/shared-processing/aws-http';
import type { QueryPairs, Signature } from './parse.ts';

/** The signed parts of a request. */
export interface SignedRequest {
  readonly method: string;
  /** As sent, without query. */
  readonly path: string;
  readonly query: QueryPairs;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hexadecimal, or one of the values S3 accepts instead. */
  readonly payloadHash: string;
}

type CanonicalInput = Parameters<typeof getCanonicalQuery>[0];

/** AWS's own signer, used for its canonical form of a request. */
class Canonicaliser extends SignatureV4Base {
  constructor(uriEscapePath: boolean) {
    super({
      service: '',
      region: '',
      credentials: { accessKeyId: '', secretAccessKey: '' },
      sha256: Sha256,
      uriEscapePath,
    });
  }

  canonical(request: CanonicalInput, headers: Record<string, string>, payloadHash: string): string {
    return this.createCanonicalRequest(request, headers, payloadHash);
  }
}

/** Only S3 signs the path as it is: neither normalised nor encoded twice. */
const ofS3 = new Canonicaliser(false);
const ofOthers = new Canonicaliser(true);

/**
 * The possible canonical requests: the usual one first, then those of clients that write the same request differently.
 * S3 decodes a path and re-encodes it by its own rules, so `a(b)` and `a%28b%29` have the same signature. Node returns
 * header values as Latin-1, whereas clients sign either those characters or the bytes sent.
 */
export function* canonicalRequests(
  request: SignedRequest,
  { service, signedHeaders }: Pick<Signature, 'service' | 'signedHeaders'>,
): Generator<string | Buffer> {
  const signed = new Set(signedHeaders);
  const headers = Object.fromEntries(signedHeaders.map((name) => [name, request.headers[name] ?? '']));
  const query: Record<string, string[]> = {};
  for (const [name, value] of request.query) (query[name] ??= []).push(value);
  const input = (path: string) => ({ method: request.method, path, headers, query }) as CanonicalInput;
  const canonicalHeaders = getCanonicalHeaders(input(request.path), undefined, signed);
  const canonical = (path: string) =>
    (service === 's3' ? ofS3 : ofOthers).canonical(input(path), canonicalHeaders, request.payloadHash);

  const usual = canonical(request.path);
  yield usual;
  const path = service === 's3' ? reencoded(request.path) : request.path;
  const other = path === request.path ? usual : canonical(path);
  if (other !== usual) yield other;
  // eslint-disable-next-line no-control-regex -- anything beyond ASCII
  if (/[^\u0000-\u007f]/.test(other)) yield Buffer.from(other, 'latin1');
}

function reencoded(path: string): string {
  try {
    return path
      .split('/')
      .map((segment) =>
        encodeURIComponent(decodeURIComponent(segment)).replace(
          /[!'()*]/g,
          (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
        ),
      )
      .join('/');
  } catch {
    return path; // Not percent-encoded UTF-8; the service reports it.
  }
}

/** Scope of a signature: `20261125/eu-central-1/s3/aws4_request`. */
export function scopeOf({ scopeDate, region, service }: Signature): string {
  return `${scopeDate}/${region}/${service}/aws4_request`;
}

/** The string to sign: the canonical request's digest with date and scope. */
export function stringToSign(canonicalRequest: string | Buffer, signature: Signature, date: string): string {
  const digest = hash('sha256', canonicalRequest);
  return `AWS4-HMAC-SHA256\n${date}\n${scopeOf(signature)}\n${digest}`;
}

const maxKeys = 200;

/** Derives and caches signing keys: all requests to one service on one day share a key. */
export function createSigningKeys(): (secretAccessKey: string, signature: Signature) => Promise<KeyObject> {
  const kept = new Map<string, Promise<KeyObject>>();
  return (secretAccessKey, { accessKeyId, scopeDate, region, service }) => {
    const name = `${accessKeyId}/${scopeDate}/${region}/${service}`;
    const known = kept.get(name);
    if (known) return known;
    const credentials = { accessKeyId, secretAccessKey };
    const key = getSigningKey(Sha256, credentials, scopeDate, region, service).then((bytes) =>
      createSecretKey(bytes),
    );
    if (kept.size >= maxKeys) kept.clear();
    kept.set(name, key);
    return key;
  };
}

export function sign(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Compares two signatures of 64 hexadecimal digits in constant time. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
