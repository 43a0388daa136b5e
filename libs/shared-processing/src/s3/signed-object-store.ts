import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { toCallError } from '../calls/index.ts';
import {
  addressOf,
  createSignedCaller,
  createTransport,
  escaped,
  type HttpAnswer,
  refusal,
  type ServiceAddress,
  type SignedCall,
  textOf,
} from '../signed-calls/index.ts';
import type { ObjectRequest, ObjectStore, ReceivedObject } from './object-store.ts';
import {
  CONNECTION_TIMEOUT_MS,
  createObjectStore,
  type S3ConnectionOptions,
  sizeInRange,
  STALLED_AFTER_MS,
} from './sdk-object-store.ts';

/** SHA-256 of nothing: a GET has no body. */
const NO_BODY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * The object store of a function that reads thousands of objects: GET is signed by the client's own signer and sent over
 * connections of its own; everything else goes through the SDK.
 *
 * @param options.maxSockets connections for GETs, beside those of the client
 */
export function createSignedObjectStore(
  client: S3Client,
  { maxSockets, stalledAfterMs = STALLED_AFTER_MS }: S3ConnectionOptions,
): ObjectStore {
  const call = createSignedCaller(
    client.config.signer,
    createTransport({ maxSockets, stalledAfterMs, connectionTimeoutMs: CONNECTION_TIMEOUT_MS }),
  );
  const addresses = new Map<string, Promise<ServiceAddress>>();

  const addressOfBucket = (bucket: string): Promise<ServiceAddress> => {
    const known = addresses.get(bucket);
    if (known) return known;
    const asked = addressOf(new GetObjectCommand({ Bucket: bucket, Key: 'k' }), (command) =>
      client.send(command),
    );
    addresses.set(bucket, asked);
    // An answer that failed is no answer: the next one asks again.
    asked.catch(() => addresses.delete(bucket));
    return asked;
  };

  return {
    ...createObjectStore(client),

    async get(request, signal) {
      const { bucket, key, from = 0 } = request;
      const what = `GET ${bucket}/${key}`;
      let status: number;
      let text: string;
      try {
        const address = await addressOfBucket(bucket);
        const answer = await call(address, callFor(request, address), signal);
        status = answer.statusCode;
        if (status === 200 || status === 206) return received(answer, from);
        text = await textOf(answer.body);
      } catch (error) {
        throw toCallError(what, error);
      }
      throw refusal(what, status, field('Code', text), field('Message', text));
    },
  };
}

function callFor({ key, versionId, ifMatch, from = 0 }: ObjectRequest, { path }: ServiceAddress): SignedCall {
  return {
    method: 'GET',
    path: path.slice(0, -1) + encodedKey(key),
    ...(versionId !== undefined && { query: { versionId } }),
    headers: {
      'x-amz-content-sha256': NO_BODY,
      ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
      ...(from > 0 && { range: `bytes=${from}-` }),
    },
  };
}

/** A key as it stands in a path, where slashes stay. */
function encodedKey(key: string): string {
  return escaped(key).replaceAll('%2F', '/');
}

function received({ headers, body }: HttpAnswer, from: number): ReceivedObject {
  const length = Number(headers['content-length'] ?? 0);
  return {
    size: from > 0 ? sizeInRange(headers['content-range'], from + length) : length,
    lastModified: Date.parse(headers['last-modified'] ?? '') || 0,
    body,
  };
}

/** A field of S3's error document, which is flat. */
function field(name: string, document: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(document)?.[1];
}
