import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { Failure } from './failure.ts';
import type { SentObject } from './sent-object.ts';

/** A file that is to be sent. */
export interface SourceFile {
  key: string;
  path: string;
  /** Bytes. */
  size: number;
}

export interface OutgoingObject {
  key: string;
  body: Uint8Array | Readable;
  size: number;
  /** Hex. The storage refuses other bytes. */
  sha256: string;
}

/** The bucket that files land in. */
export interface Landing {
  bucket: string;
  /** @returns the version's id */
  put(object: OutgoingObject): Promise<string>;
}

export interface UploadOptions {
  signal: AbortSignal;
  onUploaded?: (object: SentObject) => void;
}

const AT_ONCE = 32;
/** Larger files are read twice, once for the hash and once to be sent, rather than held in memory. */
const LARGE_BYTES = 4 * 1024 ** 2;

/**
 * Puts files into landing. The hash of each is of the bytes that S3 took, and S3 verified it.
 *
 * @returns in the order of the files
 * @throws Failure for a file that cannot be read, or changes meanwhile; the signal's reason
 */
export async function upload(
  files: readonly SourceFile[],
  landing: Landing,
  { signal, onUploaded }: UploadOptions,
): Promise<SentObject[]> {
  return mapConcurrently(files, AT_ONCE, async (file) => {
    signal.throwIfAborted();
    const object = await uploadOne(file, landing);
    onUploaded?.(object);
    return object;
  });
}

async function uploadOne(file: SourceFile, landing: Landing): Promise<SentObject> {
  const { key, path } = file;
  const content = await (file.size > LARGE_BYTES ? streamed(file) : inMemory(file)).catch((cause: Error) => {
    throw new Failure(`${path} cannot be read: ${cause.message}.`, { cause });
  });
  const { body, size, sha256 } = content;
  try {
    const versionId = await landing.put({ key, body, size, sha256 });
    return { bucket: landing.bucket, key, version: { kind: 'id', versionId }, size, sha256 };
  } catch (cause) {
    // The storage compares; a read stream that ends early or goes on also ends here.
    if (isAboutTheBytes(cause)) throw new Failure(`${path} changed while it was sent.`, { cause });
    throw cause;
  }
}

type Content = Pick<OutgoingObject, 'body' | 'size' | 'sha256'>;

async function inMemory({ path }: SourceFile): Promise<Content> {
  const body = await readFile(path);
  return { body, size: body.length, sha256: hash('sha256', body) };
}

async function streamed({ path, size }: SourceFile): Promise<Content> {
  const sha256 = createHash('sha256');
  await pipeline(createReadStream(path), sha256);
  return { body: createReadStream(path), size, sha256: sha256.digest('hex') };
}

function isAboutTheBytes(error: unknown): boolean {
  return ['BadDigest', 'IncompleteBody', 'XAmzContentSHA256Mismatch'].includes((error as Error).name);
}
