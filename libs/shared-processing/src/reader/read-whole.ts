import type { ObjectVersion } from '../s3-event/types.ts';
import { openObject, type ReaderDependencies } from './open.ts';

/** An object read whole, or one that is larger than was allowed for, of which nothing was read. */
export type WholeObject =
  | { kind: 'read'; content: Uint8Array[]; size: number; lastModified: number }
  | { kind: 'larger'; size: number };

/**
 * Reads an object version into memory.
 *
 * @param mostBytes size that the caller has room for
 * @throws ReadError where not every byte came
 */
export async function readWhole(
  object: ObjectVersion,
  mostBytes: number,
  dependencies: ReaderDependencies,
): Promise<WholeObject> {
  const { size, lastModified, body, close } = await openObject(object, dependencies);
  if (size > mostBytes) {
    close();
    return { kind: 'larger', size };
  }
  const content: Uint8Array[] = [];
  for await (const chunk of body) content.push(chunk);
  return { kind: 'read', content, size, lastModified };
}
