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

/** Milliseconds in which a connection must come about. */
export const CONNECTION_TIMEOUT_MS = 3_000;
/** Milliseconds without a byte after which a connection counts as dead. */
export const STALLED_AFTER_MS = 10_000;

export interface S3ConnectionOptions {
  /** Connections at once. */
  maxSockets: number;
  stalledAfterMs?: number;
  /**
   * Account that must own every bucket. Bucket names can be predicted, so somebody else could create ours first, in another
   * account; S3 answers 403 then. Source: Amazon S3 User Guide, "Verifying bucket ownership with bucket owner condition".
   */
  bucketOwner?: string | undefined;
}

/** The SDK warns of each failed PUT of a stream that it will not send it again: as it should be. */
const ignore = () => undefined;
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/**
 * An S3 client as the object store wants it: no retries of its own, enough connections for the read-ahead, and a stall
 * that ends in an error instead of a wait until Lambda's timeout.
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

/** Puts the expected owner on every request of a client, so that no call can forget it. */
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

/** The object store over the AWS SDK. */
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
 * Asks S3 for the stored checksum. With the command's own `ChecksumMode` the SDK would compare too, and hold back the body's
 * end to do so; whoever reads the body compares.
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
