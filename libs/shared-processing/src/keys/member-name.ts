import { HASH_LENGTH, safeSegment, shortHash } from './safe-segment.ts';

/** The name of a bundle's member, or the reason why its key cannot be a name. */
export type MemberName =
  /** `rewritten` if the name differs from the key. */
  { kind: 'name'; name: string; rewritten: boolean } | { kind: 'refused'; reason: string };

/**
 * Maximum length of a name in bytes of UTF-8; a suffix adds 13. macOS opens paths of up to 1,023 bytes, so a quarter is left
 * for the folder that a bundle is extracted into. The 260-character limit of older Windows programs does not apply to
 * Windows's tar and 7-Zip, and would make many harmless keys lose their folders.
 */
export const MAX_NAME_BYTES = 755;

/**
 * The path of a key's object in a bundle: relative, with safe segments separated by `/`. The same key always has the
 * same name, and a safe name stays unchanged. Two keys may have the same name; `nameMembers` resolves that per bundle.
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

/** Replaces the outermost folders by a hash if the path is too long. A file name always fits. */
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
