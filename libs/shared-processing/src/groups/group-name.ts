import { hash } from 'node:crypto';
import { safeSegment } from '../keys/index.ts';

/*
 * The name of a group: one segment of a bundle's key, made from text that comes from an object's key.
 *
 *     orders          orders                                                plain: as it is
 *     in/acme         in--acme                                              plain, with `--` for `/`
 *     ACME            acme---5ac1bf02e7bd81ca29ac4ad26062ba86               anything else: a readable part, and a hash
 *     (no text)       _ungrouped
 *
 * A plain name never contains `---`, begins with `_` or looks like the year of a bundle's key, so the three forms never meet. All names are
 * lower-case letters, digits, `.`, `-` and `_`: safe in S3 keys, in file names on every system, also those that ignore case, and in
 * the resources of IAM policies, where `*`, `?` and `${` have a meaning.
 */

/** The name of the group of all objects whose keys contain no group. */
export const UNGROUPED = '_ungrouped';

const PLAIN = /^[a-z0-9]+(?:[._-][a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-][a-z0-9]+)*)*$/;
const PLAIN_NAME = /^[a-z0-9]+(?:(?:[._-]|--)[a-z0-9]+)*$/;
const HASHED_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*---[0-9a-f]{32}$/;
const YEAR = /^\d{4}$/;

const MAX_PLAIN_LENGTH = 63;
const MAX_READABLE_LENGTH = 24;
/** 128 bits: finding a text with the hash of another group is out of reach. */
const HASH_DIGITS = 32;

/**
 * The name of the group with this text. Different texts have different names, and no name is the beginning of another one's folder. At most
 * 63 characters.
 *
 * @param text part of an object's key; not empty
 */
export function groupName(text: string): string {
  const plain = text.replaceAll('/', '--');
  const isPlain = PLAIN.test(text) && plain.length <= MAX_PLAIN_LENGTH && !YEAR.test(plain);
  if (isPlain && safeSegment(plain) === plain) return plain;
  const readable = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_READABLE_LENGTH)
    .replaceAll(/^-|-$/g, '');
  // As UTF-16, in which also texts with lone surrogates differ.
  const digits = hash('sha256', Buffer.from(text, 'utf16le')).slice(0, HASH_DIGITS);
  return `${readable === '' ? 'group' : readable}---${digits}`;
}

/** The name of a group that a person gives by its name, as in the keys of its bundles, or by its text. */
export function toGroupName(nameOrText: string): string {
  return isGroupName(nameOrText) ? nameOrText : groupName(nameOrText);
}

/** Whether a text is the name of a group. */
export function isGroupName(text: string): boolean {
  if (text === UNGROUPED || HASHED_NAME.test(text)) return true;
  return PLAIN_NAME.test(text) && groupName(text.replaceAll('--', '/')) === text;
}
