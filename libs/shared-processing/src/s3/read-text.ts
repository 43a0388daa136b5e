import type { ObjectStore } from './object-store.ts';

/** An object's bytes as UTF-8 text, all in memory: for what is known to be small. @throws CallError, and what breaks the body */
export async function readText(
  bucket: string,
  key: string,
  store: Pick<ObjectStore, 'get'>,
): Promise<string> {
  const { body } = await store.get({ bucket, key });
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
