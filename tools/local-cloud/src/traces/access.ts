import type { IncomingHttpHeaders } from 'node:http';
import type { Caller, Credentials } from '../gateway/credentials.ts';

/**
 * Whether a request may read traces: it is signed by the administrator, or has the administrator's key pair as user and
 * password (`curl --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"`, or a browser that asks for them).
 */
export function mayReadTraces(
  { authorization = '' }: IncomingHttpHeaders,
  caller: Caller | undefined,
  { accessKeyId, secretAccessKey }: Credentials,
): boolean {
  if (caller?.kind === 'admin') return true;
  const [, encoded = ''] = /^Basic ([\w+/=]+)$/i.exec(authorization) ?? [];
  return Buffer.from(encoded, 'base64').toString() === `${accessKeyId}:${secretAccessKey}`;
}
