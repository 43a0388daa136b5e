import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { storedChecksum, type StoredChecksum } from '../checksum/index.ts';
import { toCallError } from '../errors/index.ts';
import { Sha256 } from '../aws-http/index.ts';
import type { ObjectStore, ReceivedObject } from './object-store.ts';

/** Milliseconds in which a connection must be established. */
export const CONNECTION_TIMEOUT_MS = 3_000;
/** Milliseconds without a byte after which a call fails. */
export const STALLED_AFTER_MS = 10_000;

export interface S3ConnectionOptions {
  /** Maximum number of connections. */
  maxSockets: number;
  stalledAfterMs?: number;
  /**
   * Account that must own every bucket. Bucket names are predictable, so somebody could create ours first, in another
   * account; S3 then answers 403. Source: Amazon S3 User Guide, "Verifying bucket ownership with bucket owner condition".
   */
  bucketOwner?: string | undefined;
}

/** For each failed PUT of a stream, the SDK warns that it does not retry. That is intended, so its log is off. */
const ignore = () => undefined;
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/**
 * Creates an S3 client for the object store: without its own retries, with enough connections for the read-ahead, and with a
 * timeout for stalls, which would otherwise last until Lambda's timeout.
 */
export function createS3Client(options: S3ConnectionOptions): S3Client {
  const client = new S3Client({
    maxAttempts: 1,
    logger: SILENT,
    sha256: Sha256,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketTimeout: options.stalledAfterMs ?? STALLED_AFTER_MS,
      httpAgent: { maxSockets: options.maxSockets, keepAlive: true },
      httpsAgent: { maxSockets: options.maxSockets, keepAlive: true },
    },
  });
  if (options.bucketOwner !== undefined) expectOwner(client, options.bucketOwner);
  return client;
}

/** Adds the expected owner to every request of a client, so that no call can omit it. */
function expectOwner(client: S3Client, owner: string): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers['x-amz-expected-bucket-owner'] = owner;
      if ('x-amz-copy-source' in headers) headers['x-amz-source-expected-bucket-owner'] = owner;
      return next(args);
    },
    { step: 'build', name: 'expectedBucketOwner' },
  );
}

/** Creates the object store over the AWS SDK. */
export function createObjectStore(client: S3Client): ObjectStore {
  return {
    async get({ bucket, key, versionId, ifMatch, from = 0 }, signal) {
      const command = new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(versionId !== undefined && { VersionId: versionId }),
        ...(ifMatch !== undefined && { IfMatch: `"${ifMatch}"` }),
        ...(from > 0 && { Range: `bytes=${from}-` }),
      });
      askForChecksum(command);
      const answer = await client.send(command, abort(signal)).catch(asCallError(`GET ${bucket}/${key}`));
      const received = answer.ContentLength ?? 0;
      return {
        size: from > 0 ? sizeInRange(answer.ContentRange, from + received) : received,
        lastModified: answer.LastModified?.getTime() ?? 0,
        checksum: from > 0 ? undefined : checksumIn(answer),
        body: answer.Body as Readable as ReceivedObject['body'],
      };
    },

    async put(object, signal) {
      const command = new PutObjectCommand({
        Bucket: object.bucket,
        Key: object.key,
        Body: object.open(),
        ContentLength: object.size,
        ContentType: object.contentType,
        ChecksumSHA256: Buffer.from(object.sha256, 'hex').toString('base64'),
        ...(object.metadata && { Metadata: object.metadata }),
        ...(object.onlyIfAbsent && { IfNoneMatch: '*' }),
      });
      await client.send(command, abort(signal)).catch(asCallError(`PUT ${object.bucket}/${object.key}`));
    },

    async head(bucket, key, signal) {
      try {
        const answer = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), abort(signal));
        return { kind: 'present', metadata: answer.Metadata ?? {} };
      } catch (error) {
        const failure = toCallError(`HEAD ${bucket}/${key}`, error);
        // Only S3 itself may say that a key is absent: a proxy's 404 would let a claim be taken over.
        if (failure.status !== 404 || failure.outcome !== 'refused') throw failure;
        const { $response } = error as { $response?: { headers: Record<string, string> } };
        return $response?.headers['x-amz-delete-marker'] === 'true'
          ? { kind: 'deleted' }
          : { kind: 'absent' };
      }
    },
  };
}

/**
 * Requests the stored checksum. With the command's `ChecksumMode`, the SDK would verify the body too, and delay its end; the
 * reader of the body verifies it instead.
 */
function askForChecksum(command: GetObjectCommand): void {
  command.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['x-amz-checksum-mode'] = 'ENABLED';
      return next(args);
    },
    { step: 'build', name: 'askForChecksum' },
  );
}

function checksumIn(answer: GetObjectCommandOutput): StoredChecksum | undefined {
  const headers: Record<string, string | undefined> = {
    'x-amz-checksum-crc32': answer.ChecksumCRC32,
    'x-amz-checksum-crc32c': answer.ChecksumCRC32C,
    'x-amz-checksum-crc64nvme': answer.ChecksumCRC64NVME,
    'x-amz-checksum-sha1': answer.ChecksumSHA1,
    'x-amz-checksum-sha256': answer.ChecksumSHA256,
    'x-amz-checksum-type': answer.ChecksumType,
    'x-amz-server-side-encryption': answer.ServerSideEncryption,
    'x-amz-server-side-encryption-customer-algorithm': answer.SSECustomerAlgorithm,
    'x-amz-storage-class': answer.StorageClass,
    etag: answer.ETag,
  };
  return storedChecksum((name) => headers[name]);
}

function abort(signal: AbortSignal | undefined) {
  return signal ? { abortSignal: signal } : {};
}

function asCallError(what: string) {
  return (error: unknown): never => {
    throw toCallError(what, error);
  };
}

/** The whole object's size from `bytes 5-9/10`. */
export function sizeInRange(contentRange: string | undefined, otherwise: number): number {
  const size = Number(contentRange?.split('/')[1]);
  return Number.isSafeInteger(size) ? size : otherwise;
}
