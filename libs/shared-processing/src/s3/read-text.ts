import { checksumOf } from '../checksum/index.ts';
import { CallError } from '../errors/index.ts';
import type { ObjectStore } from './object-store.ts';

/** The code of a response whose body is not what S3 has a checksum of. */
const CORRUPTED_BODY = 'CorruptedBody';

/**
 * An object's bytes as UTF-8 text, all in memory: for what is known to be small.
 *
 * @throws CallError, also if the bytes arrive corrupted, which another attempt may not; and what breaks the body
 */
export async function readText(
  bucket: string,
  key: string,
  store: Pick<ObjectStore, 'get'>,
): Promise<string> {
  const { body, checksum } = await store.get({ bucket, key });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  const content = Buffer.concat(chunks);
  if (checksum && (await checksumOf(checksum.algorithm, content)) !== checksum.hex) {
    const detail = `the body differs from its ${checksum.algorithm}, ${checksum.hex}`;
    throw new CallError(`GET ${bucket}/${key}`, { outcome: 'unknown', code: CORRUPTED_BODY, detail });
  }
  return content.toString('utf8');
}
