import { createHmac, hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface ReceivedRequest {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

/**
 * The signature that a service computes for a request. Source: "Signature Version 4 signing process". S3 uses the path
 * as sent.
 *
 * @param scope the credential scope after the access key: `20261122/eu-west-2/s3/aws4_request`
 */
export function expectedSignature(
  { method = '', url = '', headers, body }: ReceivedRequest,
  { scope, signedHeaders, secret }: { scope: string; signedHeaders: string; secret: string },
): string {
  const [path = '', query = ''] = url.split('?');
  const canonicalQuery = query
    .split('&')
    .filter((pair) => pair !== '')
    .sort()
    .join('&');
  const canonicalHeaders = signedHeaders
    .split(';')
    .map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const payload = String(headers['x-amz-content-sha256'] ?? hash('sha256', body));
  const canonical = [method, path, canonicalQuery, canonicalHeaders.join(''), signedHeaders, payload].join(
    '\n',
  );
  const time = String(headers['x-amz-date']);
  const toSign = ['AWS4-HMAC-SHA256', time, scope, hash('sha256', canonical)].join('\n');
  const key = scope
    .split('/')
    .reduce<Buffer | string>(
      (last, part) => createHmac('sha256', last).update(part).digest(),
      `AWS4${secret}`,
    );
  return createHmac('sha256', key).update(toSign).digest('hex');
}

/** Parses the `authorization` header. @throws Error if it is not a Signature Version 4 header */
export function readAuthorization(request: ReceivedRequest) {
  const pattern = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)$/;
  const match = pattern.exec(request.headers.authorization ?? '');
  if (!match) throw new Error(`the request is not signed: ${request.headers.authorization}`);
  const [, accessKey = '', scope = '', signedHeaders = '', signature = ''] = match;
  return { accessKey, scope, signedHeaders, signature };
}
