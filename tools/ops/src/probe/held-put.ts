import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Endpoint, sdkEndpoint } from '@data-aggregator/shared-processing/aws-http';

export interface HeldPutRequest {
  bucket: string;
  /** ASCII letters, digits, hyphens and slashes. */
  key: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  bytes: Uint8Array;
  /** Bytes of the body that are sent at once. */
  sent: number;
}

/** A PUT whose body is held back. */
export interface HeldPut {
  /** Sends the rest of the body. @returns `ok` or S3's error code */
  finish(): Promise<string>;
  /** Cuts the connection, without waiting for a response. */
  vanish(): void;
}

const ANSWER_MS = 60_000;

/** Sends PUTs over connections that stall or are cut on purpose, which no SDK does. */
export function createHeldPuts(client: S3Client): (request: HeldPutRequest) => Promise<HeldPut> {
  const endpointOf = (bucket: string): Promise<Endpoint> =>
    sdkEndpoint(new GetObjectCommand({ Bucket: bucket, Key: 'k' }), (command) => client.send(command));

  return async ({ bucket, key, query = {}, headers = {}, bytes, sent }) => {
    const address = await endpointOf(bucket);
    const path = address.path.slice(0, -1) + key;
    const signer = await client.config.signer();
    const signed = await signer.sign({
      ...address,
      method: 'PUT',
      path,
      query,
      headers: {
        ...address.headers,
        ...headers,
        'content-length': String(bytes.length),
        'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      },
    });
    const search = new URLSearchParams(query).toString();
    const send = address.protocol === 'http:' ? httpRequest : httpsRequest;
    const call = send({
      host: address.hostname,
      ...(address.port !== undefined && { port: address.port }),
      method: 'PUT',
      path: search === '' ? path : `${path}?${search}`,
      headers: signed.headers,
      agent: false,
      timeout: ANSWER_MS,
    });
    const answer = new Promise<string>((resolve, reject) => {
      call.on('response', (response) => {
        const { statusCode = 0 } = response;
        text(response).then((body) => {
          const code = /<Code>([^<]*)<\/Code>/.exec(body)?.[1];
          resolve(statusCode === 200 ? 'ok' : (code ?? `HTTP ${statusCode}`));
        }, reject);
      });
      call.on('timeout', () => call.destroy(new Error(`S3 did not answer for ${ANSWER_MS} ms`)));
      call.on('error', reject);
    });
    answer.catch(() => undefined); // `finish` passes the error on; `vanish` causes one.
    await new Promise<void>((resolve, reject) => {
      call.on('error', reject);
      call.flushHeaders();
      call.write(bytes.subarray(0, sent), (error) => (error ? reject(error) : resolve()));
    });
    return {
      finish() {
        call.end(bytes.subarray(sent));
        return answer;
      },
      vanish: () => void call.destroy(),
    };
  };
}
