/**
 * A key, or a part of one, as S3 writes keys in announcements and wants them in filters: `+` for a space, `%` for
 * what is not plain, `/` as it is.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
export function formEncoded(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
