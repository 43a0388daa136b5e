/** S3 takes keys of at most this many bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024;

/**
 * Decodes a key as an S3 event carries it: form-encoded once, so `+` is a space and `%XX` a byte of UTF-8. What
 * comes out is never decoded again: `%2520` is the key `%20`.
 *
 * @returns the key, or `undefined` where the text is no encoded key: a `%` without two hex digits, bytes that are no
 *   UTF-8, a lone surrogate, or more bytes than a key can have
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function decodeKey(encoded: string): string | undefined {
  let key: string;
  try {
    key = decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return undefined; // URIError is all it throws; what is wrong with the text does not matter further
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
