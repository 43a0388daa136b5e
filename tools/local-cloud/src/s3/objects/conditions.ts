import { S3Error } from '../errors.ts';
import type { ObjectVersion } from '../model.ts';

type Header = (name: string) => string | undefined;

/** The condition of a write. */
export type WriteCondition = { kind: 'none' } | { kind: 'absent' } | { kind: 'matches'; etag: string };

/**
 * Parses `If-None-Match: *` or `If-Match: <etag>`.
 *
 * @throws S3Error NotImplemented for conditions that S3 does not support for writes
 */
export function parseWriteCondition(header: Header): WriteCondition {
  const absent = header('if-none-match');
  const matches = header('if-match');
  if (
    (absent !== undefined && absent !== '*') ||
    matches === '*' ||
    (absent !== undefined && matches !== undefined)
  ) {
    throw new S3Error('NotImplemented', {
      message: 'A write takes If-None-Match: * or If-Match with one entity tag.',
    });
  }
  if (absent !== undefined) return { kind: 'absent' };
  return matches === undefined ? { kind: 'none' } : { kind: 'matches', etag: unquoted(matches) };
}

/**
 * Checks a condition at the time of the write.
 *
 * @param current the current object; undefined if there is none or a delete marker
 * @throws S3Error PreconditionFailed, or NoSuchKey if there is nothing to match
 */
export function checkWriteCondition(condition: WriteCondition, current: ObjectVersion | undefined): void {
  switch (condition.kind) {
    case 'none':
      return;
    case 'absent':
      if (current !== undefined) throw failed('If-None-Match');
      return;
    case 'matches':
      if (current === undefined) throw new S3Error('NoSuchKey');
      if (unquoted(current.etag) !== condition.etag) throw failed('If-Match');
  }
}

/**
 * Checks the conditions of a GET, a HEAD or the source of a copy (RFC 9110, section 13.2.2).
 *
 * @param whenNotModified error to throw if the client already has the object
 * @throws S3Error PreconditionFailed, NotModified
 */
export function checkReadConditions(
  header: Header,
  object: ObjectVersion,
  whenNotModified: 'NotModified' | 'PreconditionFailed' = 'NotModified',
): void {
  const match = header('if-match');
  const unmodifiedSince = header('if-unmodified-since');
  const noneMatch = header('if-none-match');
  const modifiedSince = header('if-modified-since');
  if (match !== undefined) {
    if (!listed(match, object)) throw failed('If-Match');
  } else if (unmodifiedSince !== undefined && object.lastModified > Date.parse(unmodifiedSince)) {
    throw failed('If-Unmodified-Since');
  }
  const unchanged =
    noneMatch !== undefined
      ? listed(noneMatch, object)
      : modifiedSince !== undefined && object.lastModified <= Date.parse(modifiedSince);
  if (!unchanged) return;
  if (whenNotModified === 'PreconditionFailed') throw failed('If-None-Match');
  throw new S3Error('NotModified', {
    headers: { etag: object.etag, 'last-modified': new Date(object.lastModified).toUTCString() },
  });
}

function listed(header: string, object: ObjectVersion): boolean {
  const tags = header.split(',').map((tag) => unquoted(tag.trim()));
  return tags.includes('*') || tags.includes(unquoted(object.etag));
}

function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', { details: { Condition: condition } });
}
