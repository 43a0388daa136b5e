import { checksumOf } from '../checksum/index.ts';
import { CallError, toCallError } from '../errors/index.ts';
import type { ObjectStore } from './object-store.ts';

/** The code for a body that does not match S3's checksum. */
const CORRUPTED_BODY = 'CorruptedBody';
/** The code for an object that is larger than the reader accepts. */
export const TOO_LARGE = 'TooLarge';

/** A small object as text. */
export interface TextObject {
  text: string;
  /** ms since the epoch, whole seconds. */
  lastModified: number;
}

/**
 * Reads a small object as UTF-8 text.
 *
 * @param maxBytes refuses a larger object with the code `TooLarge`, before its body is read
 * @throws CallError, with an unknown outcome if the body breaks off or arrives corrupted
 */
export async function readTextObject(
  bucket: string,
  key: string,
  store: Pick<ObjectStore, 'get'>,
  maxBytes = Infinity,
): Promise<TextObject> {
  const { content, lastModified } = await readObject(bucket, key, store, maxBytes);
  return { text: content.toString('utf8'), lastModified };
}

/** The bytes alone. @throws like `readTextObject` */
export async function readBytes(
  bucket: string,
  key: string,
  store: Pick<ObjectStore, 'get'>,
): Promise<Buffer> {
  return (await readObject(bucket, key, store, Infinity)).content;
}

async function readObject(
  bucket: string,
  key: string,
  store: Pick<ObjectStore, 'get'>,
  maxBytes: number,
): Promise<{ content: Buffer; lastModified: number }> {
  const { body, checksum, lastModified, size } = await store.get({ bucket, key });
  if (size > maxBytes) {
    body.destroy();
    const detail = `${size} bytes, and at most ${maxBytes} are accepted`;
    throw new CallError(`GET ${bucket}/${key}`, { outcome: 'refused', code: TOO_LARGE, detail });
  }
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of body) chunks.push(Buffer.from(chunk));
  } catch (error) {
    throw toCallError(`GET ${bucket}/${key}`, error);
  }
  const content = Buffer.concat(chunks);
  if (checksum && (await checksumOf(checksum.algorithm, content)) !== checksum.hex) {
    const detail = `the body differs from its ${checksum.algorithm}, ${checksum.hex}`;
    throw new CallError(`GET ${bucket}/${key}`, { outcome: 'unknown', code: CORRUPTED_BODY, detail });
  }
  return { content, lastModified };
}
