import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import {
  getCanonicalHeaders,
  type getCanonicalQuery,
  getSigningKey,
  SignatureV4Base,
} from '@smithy/signature-v4';
import { Sha256 } from '@data-aggregator/shared-processing/aws-http';
import type { QueryPairs, Signature } from './parse.ts';

/** What is signed of a request. */
export interface SignedRequest {
  readonly method: string;
  /** As sent, without the query. */
  readonly path: string;
  readonly query: QueryPairs;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The SHA-256 of the body in hexadecimal, or what S3 takes in its place. */
  readonly payloadHash: string;
}

type CanonicalInput = Parameters<typeof getCanonicalQuery>[0];

/** AWS's own signer, for its canonical form of a request. */
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

/** Of all services, S3 alone signs the path as it is: neither normalised nor encoded a second time. */
const ofS3 = new Canonicaliser(false);
const ofOthers = new Canonicaliser(true);

/**
 * The canonical request: the first is the usual one; the others are those of clients that write the same request
 * differently. S3 decodes a path and encodes it by its own rules, so that `a(b)` and `a%28b%29` have one signature. Node
 * hands over header values as Latin-1, while clients sign either those characters or the bytes sent.
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
    return path; // Not percent-encoded UTF-8: the service says so.
  }
}

/** The scope of a signature: `20261125/eu-central-1/s3/aws4_request`. */
export function scopeOf({ scopeDate, region, service }: Signature): string {
  return `${scopeDate}/${region}/${service}/aws4_request`;
}

/** What is signed in the end: the canonical request's digest, with date and scope. */
export function stringToSign(canonicalRequest: string | Buffer, signature: Signature, date: string): string {
  const digest = createHash('sha256').update(canonicalRequest).digest('hex');
  return `AWS4-HMAC-SHA256\n${date}\n${scopeOf(signature)}\n${digest}`;
}

const maxKeys = 200;

/** Derives signing keys, and keeps them: a day's requests to one service share a key. */
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
