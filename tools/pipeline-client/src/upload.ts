import { createHash, hash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import type { ObjectVersion } from '@data-aggregator/shared-processing/s3-event';
import { Failure } from './program.ts';

/** A file to send. */
export interface SourceFile {
  key: string;
  path: string;
  /** Bytes. */
  size: number;
}

export interface OutgoingObject {
  key: string;
  body: Uint8Array | Readable;
  /** Bytes. */
  size: number;
  /** Hex. S3 refuses a body with another checksum. */
  sha256: string;
}

/** An object version in landing, with the size and checksum it must have when it is delivered. */
export interface SentObject extends ObjectVersion {
  /** Bytes. */
  size: number;
  /** SHA-256 of the source's bytes, hex. */
  sha256: string;
}

/** The landing bucket. */
export interface Landing {
  bucket: string;
  put(object: OutgoingObject): Promise<SentObject>;
}

export interface UploadOptions {
  signal: AbortSignal;
  onUploaded?: (object: SentObject) => void;
  /** Called with the number of bytes that were sent in addition. */
  onBytes?: (count: number) => void;
}

const AT_ONCE = 32;
/** Larger files are read twice, for the hash and for the upload, instead of being held in memory. */
const LARGE_BYTES = 4 * 1024 ** 2;

/**
 * Uploads files to landing. S3 verifies each SHA-256 against the bytes it stores.
 *
 * @returns in the order of the files
 * @throws Failure if a file cannot be read or changes during the upload; the signal's reason
 */
export async function upload(
  files: readonly SourceFile[],
  landing: Landing,
  { signal, onUploaded, onBytes = () => undefined }: UploadOptions,
): Promise<SentObject[]> {
  return mapConcurrently(files, AT_ONCE, async (file) => {
    signal.throwIfAborted();
    const object = await uploadOne(file, landing, onBytes);
    onUploaded?.(object);
    return object;
  });
}

type OnBytes = NonNullable<UploadOptions['onBytes']>;

async function uploadOne(file: SourceFile, landing: Landing, onBytes: OnBytes): Promise<SentObject> {
  const { path } = file;
  const content = await (file.size > LARGE_BYTES ? streamed(file, onBytes) : inMemory(file)).catch(
    (cause: Error) => {
      throw new Failure(`${path} cannot be read: ${cause.message}.`, { cause });
    },
  );
  try {
    const sent = await landing.put(content);
    if (file.size <= LARGE_BYTES) onBytes(file.size);
    return sent;
  } catch (cause) {
    // S3 compares the checksum; a file that shrank or grew while it was read also ends here.
    if (isAboutTheBytes(cause)) throw new Failure(`${path} changed while it was sent.`, { cause });
    throw cause;
  }
}

/** Synchronously, because an asynchronous read of a small file takes several times its CPU time. */
async function inMemory({ key, path }: SourceFile): Promise<OutgoingObject> {
  return objectOf(key, readFileSync(path));
}

/** An object to send, with the hash of its bytes. */
export function objectOf(key: string, body: Uint8Array): OutgoingObject {
  return { key, body, size: body.length, sha256: hash('sha256', body) };
}

async function streamed({ key, path, size }: SourceFile, onBytes: OnBytes): Promise<OutgoingObject> {
  const sha256 = createHash('sha256');
  await pipeline(createReadStream(path), sha256);
  const body = Readable.from(counted(createReadStream(path), onBytes), { objectMode: false });
  return { key, body, size, sha256: sha256.digest('hex') };
}

async function* counted(chunks: AsyncIterable<Buffer>, onBytes: OnBytes): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onBytes(chunk.length);
    yield chunk;
  }
}

function isAboutTheBytes(error: unknown): boolean {
  return ['BadDigest', 'IncompleteBody', 'XAmzContentSHA256Mismatch'].includes((error as Error).name);
}
