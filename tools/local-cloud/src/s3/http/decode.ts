import { S3Error } from '../errors.ts';

/**
 * Percent-decodes once.
 *
 * @throws S3Error InvalidURI where the text is not percent-encoded UTF-8
 */
export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw new S3Error('InvalidURI');
    throw error;
  }
}
