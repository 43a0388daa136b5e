import { S3Error } from '../errors.ts';

/** The target of a request: the service (neither), a bucket, or an object. */
export interface Address {
  bucket: string | undefined;
  key: string | undefined;
}

const LONGEST_KEY = 1024;

/**
 * Parses bucket and key from the undecoded path (`/bucket/key`), or the bucket from the host (`bucket.s3.…`,
 * `bucket.localhost`) and the key from the path. The key is decoded exactly once and never normalised: `a//b`, `..` and
 * `%252F` are ordinary keys.
 *
 * @throws S3Error InvalidURI, KeyTooLongError (over 1024 bytes of UTF-8)
 */
export function parseAddress(path: string, host: string): Address {
  const hosted = bucketOfHost(host);
  const rest = path.startsWith('/') ? path.slice(1) : path;
  if (hosted !== undefined) return { bucket: hosted, key: parseKey(rest) };
  const slash = rest.indexOf('/');
  const bucket = percentDecode(slash < 0 ? rest : rest.slice(0, slash));
  if (bucket === '') return { bucket: undefined, key: undefined };
  return { bucket, key: slash < 0 ? undefined : parseKey(rest.slice(slash + 1)) };
}

function parseKey(encoded: string): string | undefined {
  if (encoded === '') return undefined;
  const key = percentDecode(encoded);
  if (Buffer.byteLength(key) > LONGEST_KEY) throw new S3Error('KeyTooLongError');
  return key;
}

function bucketOfHost(host: string): string | undefined {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const bucket = /^(.+?)\.s3[.-].+$/.exec(name)?.[1] ?? /^(.+)\.localhost$/.exec(name)?.[1];
  return bucket === 's3' ? undefined : bucket;
}

/**
 * Percent-decodes once.
 *
 * @throws S3Error InvalidURI if the text is not percent-encoded UTF-8
 */
export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw new S3Error('InvalidURI');
    throw error;
  }
}
