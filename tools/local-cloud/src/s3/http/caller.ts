/**
 * The access key id a request is signed with: from the `Credential` of a Signature Version 4 header, or of a presigned
 * query. The signature itself is not verified; what matters here is whose call it is.
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
