/** Maximum length of a key in bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024;

/**
 * Decodes a key of an S3 event: it is form-encoded once, so `+` is a space and `%XX` a byte of UTF-8. Do not decode the
 * result again: `%2520` is the key `%20`.
 *
 * @returns the key, or `undefined` if the text is not a valid encoded key: a `%` without two hex digits, invalid UTF-8, a
 *   lone surrogate, or too many bytes
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function decodeKey(encoded: string): string | undefined {
  let key: string;
  try {
    key = decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return undefined; // It throws only URIError, and the details do not matter.
  }
  return key.isWellFormed() && Buffer.byteLength(key) <= MAX_KEY_BYTES ? key : undefined;
}

/**
 * Encodes a key, or the start or end of one, as S3 does in events and expects in notification filters:
 *
 *     letters, digits, - _ . *  and  /   unchanged
 *     space                              +
 *     everything else, also ~ ! ' ( )    %XX for each byte of UTF-8, in upper case
 *
 * This is `application/x-www-form-urlencoded` except for the slash. Everything that writes or compares such keys uses this
 * function: notifications, bucket filters, and SNS filter policies on S3 events.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 * @throws URIError for a key with a lone surrogate, which no object has
 */
export function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}
