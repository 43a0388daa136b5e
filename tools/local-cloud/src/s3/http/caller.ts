import type { S3Error } from '../errors.ts';

/** What was found out about the sender of a request before it reached this S3. */
export type Sender =
  | {
      readonly kind: 'known';
      /** Undefined if the request is not signed. */
      readonly accessKeyId: string | undefined;
      /** Verifies the signatures of chunks, where the body has them. */
      readonly chunks: ChunkSignatures | undefined;
    }
  | { readonly kind: 'refused'; readonly error: S3Error };

/** Verifies the signatures of an `aws-chunked` body, in order. */
export interface ChunkSignatures {
  /** @throws S3Error SignatureDoesNotMatch */
  readonly chunk: (sha256: string, signature: string | undefined) => void;
  /** The same for the trailers: each `name:value` and a line feed. @throws S3Error SignatureDoesNotMatch */
  readonly trailer: (sha256: string, signature: string | undefined) => void;
}

/**
 * The access key id a request claims: from the `Credential` of a Signature Version 4 header, or of a presigned query.
 * Used only when this S3 runs without a gateway that verifies signatures.
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
