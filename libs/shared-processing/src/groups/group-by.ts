import { groupName, UNGROUPED } from './group-name.ts';
import { compileGroupPattern, GroupPatternError } from './pattern.ts';

/** A group of objects. No bundle contains members of two groups. */
export interface Group {
  /** A segment of its bundles' keys; see `groupName`. */
  name: string;
  /** The part of its objects' keys that names it; undefined for objects whose keys name no group. */
  text: string | undefined;
}

/** The group of an object, by its key. */
export type GroupOf = (key: string) => Group;

/** The setting is invalid. The message says what was expected. */
export class GroupByError extends Error {
  override readonly name = 'GroupByError';
}

const MAX_SEGMENTS = 8;
/** The forms of the setting. */
export const GROUP_BY_FORMS = '"segments:<count>" or "pattern:<regular expression>"';

/**
 * Parses how objects are divided into groups.
 *
 * - `segments:2`: by the first two segments of the key. The file name, the last segment, is never one of them.
 * - `pattern:^in/([^/]+)/`: by what the capture group of a regular expression matches; see `compileGroupPattern`.
 *
 * A key with fewer segments, a key that does not match, or an empty match is `_ungrouped`.
 *
 * @throws GroupByError
 */
export function parseGroupBy(setting: string): GroupOf {
  const [, kind, value = ''] = /^(segments|pattern):(.+)$/s.exec(setting) ?? [];
  switch (kind) {
    case 'segments':
      if (!/^[1-9]$/.test(value) || Number(value) > MAX_SEGMENTS) {
        throw new GroupByError(`a count of segments from 1 to ${MAX_SEGMENTS}`);
      }
      return bySegments(Number(value));
    case 'pattern':
      return byPattern(value);
    default:
      throw new GroupByError(GROUP_BY_FORMS);
  }
}

function bySegments(count: number): GroupOf {
  return (key) => {
    const segments = key.split('/');
    return groupOfText(segments.length > count ? segments.slice(0, count).join('/') : undefined);
  };
}

function byPattern(source: string): GroupOf {
  try {
    const pattern = compileGroupPattern(source);
    return (key) => groupOfText(pattern.exec(key)?.[1]);
  } catch (error) {
    if (!(error instanceof GroupPatternError)) throw error;
    throw new GroupByError(error.message, { cause: error });
  }
}

function groupOfText(text: string | undefined): Group {
  return text === undefined || text === ''
    ? { name: UNGROUPED, text: undefined }
    : { name: groupName(text), text };
}
