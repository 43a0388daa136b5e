import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { storedChecksum } from '../checksum/index.ts';
import { type CallError, responseError, toCallError } from '../errors/index.ts';
import {
  sdkEndpoint,
  createSharedReads,
  createSignedCaller,
  createTransport,
  percentEncode,
  type HttpResponse,
  type Endpoint,
  type SharedReads,
  type SignedCall,
  readBody,
} from '../aws-http/index.ts';
import type { ObjectRequest, ObjectStore, ReceivedObject } from './object-store.ts';
import {
  CONNECTION_TIMEOUT_MS,
  createObjectStore,
  type S3ConnectionOptions,
  sizeInRange,
  STALLED_AFTER_MS,
} from './sdk-object-store.ts';

/** SHA-256 of an empty body. */
const NO_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * Creates the object store for a function that reads thousands of objects. GETs use the client's signer and separate
 * connections; everything else goes through the SDK.
 *
 * @param options.maxSockets connections for GETs, in addition to those of the client
 */
export function createSignedObjectStore(
  client: S3Client,
  {
    maxSockets,
    stalledAfterMs = STALLED_AFTER_MS,
    sharedReads = createSharedReads('auto'),
  }: S3ConnectionOptions & { sharedReads?: SharedReads },
): ObjectStore {
  const call = createSignedCaller(
    client.config.signer,
    createTransport({ maxSockets, stalledAfterMs, connectionTimeoutMs: CONNECTION_TIMEOUT_MS, sharedReads }),
  );
  const addresses = new Map<string, Promise<Endpoint>>();

  const addressOfBucket = (bucket: string): Promise<Endpoint> => {
    const known = addresses.get(bucket);
    if (known) return known;
    const asked = sdkEndpoint(new GetObjectCommand({ Bucket: bucket, Key: 'k' }), (command) =>
      client.send(command),
    );
    addresses.set(bucket, asked);
    // Do not cache a failure: the next call tries again.
    asked.catch(() => addresses.delete(bucket));
    return asked;
  };

  return {
    ...createObjectStore(client),

    async get(request, signal) {
      const { bucket, key, from = 0 } = request;
      const what = `GET ${bucket}/${key}`;
      let response: HttpResponse;
      let text: string;
      try {
        const address = await addressOfBucket(bucket);
        response = await call(address, callFor(request, address), signal);
        if (response.statusCode === 200 || response.statusCode === 206) return received(response, from);
        text = await readBody(response.body);
      } catch (error) {
        throw toCallError(what, error);
      }
      throw errorOf(what, response, text);
    },
  };
}

function callFor({ key, versionId, ifMatch, from = 0 }: ObjectRequest, { path }: Endpoint): SignedCall {
  return {
    method: 'GET',
    path: path.slice(0, -1) + encodedKey(key),
    ...(versionId !== undefined && { query: { versionId } }),
    headers: {
      'x-amz-content-sha256': NO_BODY,
      'x-amz-checksum-mode': 'ENABLED',
      ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
      ...(from > 0 && { range: `bytes=${from}-` }),
    },
  };
}

/** A key in a URL path: percent-encoded except for slashes. */
function encodedKey(key: string): string {
  return percentEncode(key).replaceAll('%2F', '/');
}

function received({ headers, body }: HttpResponse, from: number): ReceivedObject {
  const length = Number(headers['content-length'] ?? 0);
  return {
    size: from > 0 ? sizeInRange(headers['content-range'], from + length) : length,
    lastModified: Date.parse(headers['last-modified'] ?? '') || 0,
    checksum: from > 0 ? undefined : storedChecksum((name) => textOfHeader(headers[name])),
    body,
  };
}

/** Ignores a repeated header, because any of its values could be the right one. */
function textOfHeader(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function errorOf(what: string, { statusCode, headers }: HttpResponse, text: string): CallError {
  // S3's error document is flat: `<Error><Code>NoSuchKey</Code><Message>…</Message>…</Error>`.
  const document = /<Error(?:\s[^>]*)?>([\s\S]*)<\/Error>\s*$/.exec(text)?.[1] ?? '';
  const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(document)?.[1];
  return responseError(what, {
    status: statusCode,
    code: field('Code'),
    isAws: text === '' && (headers['x-amz-request-id'] ?? headers['x-amz-id-2']) !== undefined,
    message: field('Message'),
  });
}
