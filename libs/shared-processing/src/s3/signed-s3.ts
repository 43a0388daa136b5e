import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type CallError, responseError, toCallError } from '../errors/index.ts';
import {
  createSignedCaller,
  createTransport,
  type Endpoint,
  type HttpResponse,
  percentEncode,
  readBody,
  sdkEndpoint,
  type SharedReads,
  type SignedCall,
} from '../aws-http/index.ts';

/** SHA-256 of an empty body. */
export const NO_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** One request for an object, without the parts that follow from its bucket and key. */
export interface SignedS3Call extends Omit<SignedCall, 'path'> {
  bucket: string;
  key: string;
}

/** Sends one request, in one attempt. @throws CallError, also for a response with an error status */
export type SignedS3 = (what: string, call: SignedS3Call, signal?: AbortSignal) => Promise<HttpResponse>;

/**
 * Creates a caller of S3 with the client's signer and endpoint rules, but with its own connections and without the rest of the
 * SDK.
 */
export function createSignedS3(
  client: S3Client,
  connections: {
    maxSockets: number;
    connectionTimeoutMs: number;
    stalledAfterMs: number;
    sharedReads?: SharedReads;
  },
): SignedS3 {
  const call = createSignedCaller(client.config.signer, createTransport(connections));
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

  return async (what, { bucket, key, ...request }, signal) => {
    let response: HttpResponse;
    let text: string;
    try {
      const address = await addressOfBucket(bucket);
      const path = address.path.slice(0, -1) + encodedKey(key);
      response = await call(
        address,
        { ...request, path, headers: withSourceOwner(request.headers, address) },
        signal,
      );
      if (response.statusCode >= 200 && response.statusCode < 300) return response;
      text = await readBody(response.body);
    } catch (error) {
      throw toCallError(what, error);
    }
    throw errorOf(what, response, text);
  };
}

/** The owner that is expected of the bucket must own a copy's source too. */
function withSourceOwner(headers: Record<string, string>, address: Endpoint): Record<string, string> {
  const owner = address.headers['x-amz-expected-bucket-owner'];
  if (owner === undefined || headers['x-amz-copy-source'] === undefined) return headers;
  return { ...headers, 'x-amz-source-expected-bucket-owner': owner };
}

/** A key in a URL path: percent-encoded except for slashes. */
export function encodedKey(key: string): string {
  return percentEncode(key).replaceAll('%2F', '/');
}

/** The text of an element in one of S3's flat documents, such as `<Error><Code>NoSuchKey</Code>…</Error>`. */
export function elementIn(document: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(document)?.[1];
}

/** The contents of S3's error document; empty if the text is something else. */
export function errorDocumentIn(text: string): string {
  return /<Error(?:\s[^>]*)?>([\s\S]*)<\/Error>\s*$/.exec(text)?.[1] ?? '';
}

function errorOf(what: string, { statusCode, headers }: HttpResponse, text: string): CallError {
  const document = errorDocumentIn(text);
  return responseError(what, {
    status: statusCode,
    code: elementIn(document, 'Code'),
    isAws: text === '' && (headers['x-amz-request-id'] ?? headers['x-amz-id-2']) !== undefined,
    message: elementIn(document, 'Message'),
  });
}
