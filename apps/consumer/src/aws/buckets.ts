import type { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { CallError, toCallError } from '@data-aggregator/shared-processing/errors';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { MAX_RECEIPT_BYTES, receiptKey } from '@data-aggregator/shared-processing/receipt';
import {
  createObjectListing,
  createObjectStore,
  type ListedObject,
  type ReceivedObject,
} from '@data-aggregator/shared-processing/s3';
import { call, again } from './call.ts';

/** A part of a bundle on its way. */
export interface ReceivedRange {
  /** ETag without quotes. */
  etag: string;
  versionId: string | undefined;
  /** Bytes of the whole bundle. */
  size: number;
  body: AsyncIterable<Uint8Array>;
}

/** The distribution bucket. Every call is one attempt and throws CallError. */
export interface Distribution {
  /** A page of waiting bundles, in order of their keys. */
  list(
    after: string | undefined,
    signal?: AbortSignal,
  ): Promise<{ objects: ListedObject[]; next: string | undefined }>;
  /** @param ifMatch only if the bundle still has this ETag */
  get(
    key: string,
    range: { from: number; to: number; ifMatch: string | undefined },
    signal?: AbortSignal,
  ): Promise<ReceivedRange>;
  /** Leaves a delete marker, which tells the ledger that the bundle was published. */
  remove(key: string): Promise<void>;
}

/** The archive bucket. Every call is one attempt and throws CallError. */
export interface Archive {
  /** A bundle's manifest as it is stored, perhaps compressed; undefined if there is none. */
  manifest(bundle: string, signal?: AbortSignal): Promise<Uint8Array | string | undefined>;
  /** Stores a receipt unless the bundle has one. */
  putReceipt(bundle: string, text: string): Promise<'stored' | 'exists'>;
  /** The text of a bundle's receipt; undefined if there is none. */
  receipt(bundle: string): Promise<string | undefined>;
}

/** A manifest has at most some megabytes: 10,000 members with keys of 1,024 bytes. */
const MAX_MANIFEST_BYTES = 128 * 1024 ** 2;

/** @param prefix `bundles/`, or that of a group */
export function createDistribution(s3: S3Client, bucket: string, prefix: string): Distribution {
  const listing = createObjectListing(s3);
  return {
    list: (after, signal) => again(() => listing.objects({ bucket, prefix, after }, signal)),
    async get(key, { from, to, ifMatch }, signal) {
      const what = `GET ${bucket}/${key}`;
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        Range: `bytes=${from}-${to}`,
        ...(ifMatch !== undefined && { IfMatch: `"${ifMatch}"` }),
      });
      const {
        ETag = '',
        VersionId,
        ContentRange,
        Body,
      } = await call(what, () => s3.send(command, signal && { abortSignal: signal }));
      const size = Number(/\/(\d+)$/.exec(ContentRange ?? '')?.[1]);
      if (!Number.isSafeInteger(size)) {
        // An unread body keeps its connection.
        (Body as Readable).destroy();
        throw new CallError(what, { outcome: 'unknown', code: 'NoContentRange' });
      }
      return {
        etag: ETag.replaceAll('"', ''),
        versionId: VersionId,
        size,
        body: bodyOf(what, Body as Readable),
      };
    },
    async remove(key) {
      await call(`DELETE ${bucket}/${key}`, () =>
        s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })),
      );
    },
  };
}

export function createArchive(s3: S3Client, bucket: string): Archive {
  /** Key of the manifest that was read last. */
  let readable: string | undefined;
  const store = createObjectStore(s3);
  const bytes = (key: string, maxBytes: number, signal?: AbortSignal) =>
    absentAsUndefined(async () => {
      const received = await again(() => store.get({ bucket, key }, signal));
      return readBytes(`GET ${bucket}/${key}`, received, maxBytes);
    });
  return {
    async manifest(bundle, signal) {
      const key = manifestKey(bundle);
      const read = (from: string) => bytes(from, MAX_MANIFEST_BYTES, signal);
      try {
        const manifest = await read(key);
        if (manifest !== undefined) readable = key;
        return manifest;
      } catch (error) {
        if (!(error instanceof CallError) || error.code !== 'AccessDenied') throw error;
        // Without permission to list the bucket, S3 answers 403 also for a missing key. This one is missing if another can still be read.
        if (readable === undefined || (await read(readable)) === undefined) throw error;
        return undefined;
      }
    },
    receipt: async (bundle) => (await bytes(receiptKey(bundle), MAX_RECEIPT_BYTES))?.toString('utf8'),
    async putReceipt(bundle, receipt) {
      const key = receiptKey(bundle);
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: receipt,
        ContentType: 'application/json',
        IfNoneMatch: '*',
      });
      try {
        await call(`PUT ${bucket}/${key}`, () => s3.send(command));
        return 'stored';
      } catch (error) {
        if (error instanceof CallError && error.code === 'PreconditionFailed') return 'exists';
        throw error;
      }
    },
  };
}

async function absentAsUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CallError && error.code === 'NoSuchKey') return undefined;
    throw error;
  }
}

/** Reads a small object, and compares it with the checksum that S3 keeps: nothing else would notice a bit that was changed on its way. */
async function readBytes(
  what: string,
  { body, checksum }: ReceivedObject,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of bodyOf(what, body)) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new CallError(what, { outcome: 'refused', code: 'TooLarge', detail: `over ${maxBytes} bytes` });
    }
    chunks.push(Buffer.from(chunk));
  }
  const content = Buffer.concat(chunks);
  if (checksum && (await checksumOf(checksum.algorithm, content)) !== checksum.hex) {
    const detail = `the body differs from its ${checksum.algorithm}, ${checksum.hex}`;
    throw new CallError(what, { outcome: 'unknown', code: 'CorruptedBody', detail });
  }
  return content;
}

/** A body whose errors are CallErrors too. */
async function* bodyOf(what: string, body: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk as Uint8Array;
  } catch (error) {
    throw toCallError(what, error);
  }
}
