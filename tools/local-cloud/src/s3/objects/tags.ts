import { S3Error } from '../errors.ts';

export type Tags = ReadonlyMap<string, string>;

const MAX_TAGS = 10;

/**
 * Checks a set of tags: at most 10; unique keys of 1 to 128 characters; values of at most 256 characters.
 *
 * @throws S3Error InvalidTag
 */
export function checkTags(pairs: readonly (readonly [key: string, value: string])[]): Tags {
  if (pairs.length > MAX_TAGS)
    throw new S3Error('InvalidTag', { message: 'Object tags cannot be more than 10.' });
  for (const [key, value] of pairs) {
    if (key.length < 1 || key.length > 128)
      throw new S3Error('InvalidTag', { message: 'The TagKey is invalid.' });
    if (value.length > 256) throw new S3Error('InvalidTag', { message: 'The TagValue is invalid.' });
  }
  const tags = new Map(pairs);
  if (tags.size < pairs.length) {
    throw new S3Error('InvalidTag', { message: 'Cannot provide multiple Tags with the same key.' });
  }
  return tags;
}

/** Parses the `x-amz-tagging` header: `key=value&key2=value2`, form-encoded. */
export function parseTagging(header: string | undefined): Tags {
  return header === undefined ? new Map() : checkTags([...new URLSearchParams(header)]);
}
