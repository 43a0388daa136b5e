import type { S3Error } from '../errors.ts';

/** What is known about the sender of a request before it reaches this S3. */
export type Sender =
  | {
      readonly kind: 'known';
      /** Undefined if the request is not signed. */
      readonly accessKeyId: string | undefined;
      /** Verifies chunk signatures, if the body has them. */
      readonly chunks: ChunkSignatures | undefined;
    }
  | { readonly kind: 'refused'; readonly error: S3Error };

/** Verifies the signatures of an `aws-chunked` body, in order. */
export interface ChunkSignatures {
  /** @throws S3Error SignatureDoesNotMatch */
  readonly chunk: (sha256: string, signature: string | undefined) => void;
  /**
   * Verifies the signature of the trailers (each `name:value` and a line feed). @throws S3Error SignatureDoesNotMatch
   */
  readonly trailer: (sha256: string, signature: string | undefined) => void;
}

/**
 * The access key id that a request claims, from the `Credential` of a Signature Version 4 header or presigned query.
 * Only used without a gateway that verifies signatures.
 */
export function callerOf(
  authorization: string | undefined,
  query: ReadonlyMap<string, string>,
): string | undefined {
  const credential =
    authorization === undefined
      ? query.get('X-Amz-Credential')
      : /^AWS4-HMAC-SHA256\s.*?Credential=([^,\s]+)/.exec(authorization)?.[1];
  return credential?.split('/')[0];
}
