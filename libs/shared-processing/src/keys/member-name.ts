import { HASH_LENGTH, safeSegment, shortHash } from './safe-segment.ts';

/** What a member of a bundle is called, or why its key cannot be a name. */
export type MemberName =
  /** `rewritten` where the name is not the key itself. */
  { kind: 'name'; name: string; rewritten: boolean } | { kind: 'refused'; reason: string };

/**
 * A name has at most this many bytes of UTF-8, plus 13 where its bundle gives it a suffix. macOS opens paths of
 * 1,023 bytes: this leaves a quarter of them to the folder that a bundle is extracted into. The 260 characters of
 * older Windows programs are no limit to its tar nor to 7-Zip, and would cost many harmless keys their folders.
 */
export const MAX_NAME_BYTES = 755;

/**
 * The path of a key's object inside a bundle: relative, `/` between safe segments. The same key always gives the
 * same name, and a safe name gives itself. Two keys may give one name: `nameMembers` tells those of a bundle apart.
 *
 * @param key as S3 knows it, decoded
 */
export function memberName(key: string): MemberName {
  if (key === '') return { kind: 'refused', reason: 'the key is empty' };
  const segments = key.split('/');
  if (segments.includes('..')) return { kind: 'refused', reason: 'the key has a ".." segment' };
  const name = withinLimit(segments.map(safeSegment));
  return { kind: 'name', name, rewritten: name !== key };
}

/** Puts a hash in the place of the outermost folders where a path is too long; a file name always fits. */
function withinLimit(segments: readonly string[]): string {
  const path = segments.join('/');
  if (Buffer.byteLength(path) <= MAX_NAME_BYTES) return path;
  let [kept, bytes] = [segments.length, `_-`.length + HASH_LENGTH];
  for (const segment of segments.toReversed()) {
    bytes += Buffer.byteLength(segment) + 1;
    if (bytes > MAX_NAME_BYTES) break;
    kept -= 1;
  }
  return [`_-${shortHash(segments.slice(0, kept).join('/'))}`, ...segments.slice(kept)].join('/');
}
