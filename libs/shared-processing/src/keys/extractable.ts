import { fold } from './fold.ts';
import { MAX_NAME_BYTES } from './member-name.ts';
import { HASH_LENGTH, safeSegment, shortHash, withHashSuffix } from './safe-segment.ts';

/** The suffix that resolves a clash of names may lengthen a name by this many bytes. */
const SUFFIX_BYTES = 1 + HASH_LENGTH;

/**
 * Checks names from an archive of unknown origin: each must be one that `nameMembers` could have chosen, so that it extracts inside
 * the target folder, and no two may be the same file on any file system.
 *
 * @returns the problem of the first unusable name; undefined if there is none
 */
export function nameProblem(names: readonly string[]): string | undefined {
  const files = new Set<string>();
  for (const name of names) {
    if (!isSafeName(name)) return `${JSON.stringify(name)} is not a safe file name`;
    const folded = fold(name);
    if (files.has(folded)) return `${JSON.stringify(name)} is the name of two files`;
    files.add(folded);
  }
  for (const name of names) {
    const segments = fold(name).split('/');
    for (let depth = 1; depth < segments.length; depth++) {
      if (files.has(segments.slice(0, depth).join('/'))) {
        return `${JSON.stringify(name)} is inside a file`;
      }
    }
  }
  return undefined;
}

function isSafeName(name: string): boolean {
  if (Buffer.byteLength(name) > MAX_NAME_BYTES + SUFFIX_BYTES) return false;
  return name.split('/').every((segment) => segment !== '..' && safeSegment(segment) === segment);
}

/**
 * Another name for a file whose name is taken: `report.csv` becomes `report-0123456789ab.csv`. The same tag always gives the same name.
 *
 * @param tag distinguishes the file from others with its name, such as a version id
 */
export function otherName(segment: string, tag: string): string {
  return withHashSuffix(segment, shortHash(tag));
}
