import type { S3Client } from '@aws-sdk/client-s3';
import { storedChecksum } from '../checksum/index.ts';
import { createSharedReads, type HttpResponse, type SharedReads } from '../aws-http/index.ts';
import type { ObjectRequest, ObjectStore, ReceivedObject } from './object-store.ts';
import {
  CONNECTION_TIMEOUT_MS,
  createObjectStore,
  type S3ConnectionOptions,
  sizeInRange,
  STALLED_AFTER_MS,
} from './sdk-object-store.ts';
import { createSignedS3, NO_BODY, type SignedS3Call } from './signed-s3.ts';

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
  const call = createSignedS3(client, {
    maxSockets,
    stalledAfterMs,
    connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
    sharedReads,
  });
  return {
    ...createObjectStore(client),

    async get(request, signal) {
      const response = await call(`GET ${request.bucket}/${request.key}`, callFor(request), signal);
      return received(response, request.from ?? 0);
    },
  };
}

function callFor({ bucket, key, versionId, ifMatch, from = 0 }: ObjectRequest): SignedS3Call {
  return {
    bucket,
    key,
    method: 'GET',
    ...(versionId !== undefined && { query: { versionId } }),
    headers: {
      'x-amz-content-sha256': NO_BODY,
      'x-amz-checksum-mode': 'ENABLED',
      ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
      ...(from > 0 && { range: `bytes=${from}-` }),
    },
  };
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
