import { checksumOf } from '../checksum/index.ts';
import { CallError } from '../errors/index.ts';
import type { ObjectStore } from './object-store.ts';

/** The code for a body that does not match S3's checksum. */
const CORRUPTED_BODY = 'CorruptedBody';

/**
 * Reads a small object.
 *
 * @throws CallError, also with an unknown outcome if the bytes arrive corrupted; and any error of the body
 */
export async function readBytes(
  bucket: string,
  key: string,
  store: Pick<ObjectStore, 'get'>,
): Promise<Buffer> {
  const { body, checksum } = await store.get({ bucket, key });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  const content = Buffer.concat(chunks);
  if (checksum && (await checksumOf(checksum.algorithm, content)) !== checksum.hex) {
    const detail = `the body differs from its ${checksum.algorithm}, ${checksum.hex}`;
    throw new CallError(`GET ${bucket}/${key}`, { outcome: 'unknown', code: CORRUPTED_BODY, detail });
  }
  return content;
}
