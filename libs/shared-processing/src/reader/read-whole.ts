import type { ObjectVersion } from '../s3-event/types.ts';
import { openObject, type ReaderDependencies } from './open.ts';

/** An object read whole, or one that is larger than was allowed for, of which nothing was read. */
export type WholeObject =
  | { kind: 'read'; content: Uint8Array; size: number; lastModified: number }
  | { kind: 'larger'; size: number };

/**
 * Reads an object version into memory that is there already.
 *
 * @param memory what the caller has room for; the content is a part of it
 * @throws ReadError where not every byte came
 */
export async function readWhole(
  object: ObjectVersion,
  memory: Uint8Array,
  dependencies: ReaderDependencies,
): Promise<WholeObject> {
  const { size, lastModified, body, close } = await openObject(object, dependencies);
  if (size > memory.length) {
    close();
    return { kind: 'larger', size };
  }
  let length = 0;
  for await (const chunk of body) {
    memory.set(chunk, length);
    length += chunk.length;
  }
  return { kind: 'read', content: memory.subarray(0, size), size, lastModified };
}
