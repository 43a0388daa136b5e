import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type StandIn, standInForAws } from '@data-aggregator/shared-processing/testing';

export interface AwsServer {
  /** Requests so far, such as `GET /bucket/key`. */
  requests: string[];
  /** How the next requests are answered. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A server that all AWS clients of this process talk to, for answers that the embedded cloud does not give on demand. */
export async function startAwsServer(): Promise<AwsServer & Pick<StandIn, 'stop'>> {
  const state: AwsServer = { requests: [], answer: (_request, response) => void response.end() };
  const server = createServer((request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    request.resume().on('end', () => state.answer(request, response));
  });
  const { stop } = await standInForAws(server);
  return Object.assign(state, { stop });
}

/** An error document of S3. */
export function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml', 'x-amz-request-id': 'id' });
  response.end(`<Error><Code>${code}</Code><Message>refused</Message><RequestId>id</RequestId></Error>`);
}

/** A page of a listing. */
export function listed(
  response: ServerResponse,
  objects: Readonly<Record<string, number>>,
  isTruncated = false,
): void {
  const contents = Object.entries(objects).map(
    ([key, lastModified]) =>
      `<Contents><Key>${encodeURIComponent(key)}</Key><Size>1</Size><LastModified>${new Date(lastModified).toISOString()}</LastModified></Contents>`,
  );
  response.writeHead(200, { 'content-type': 'application/xml', 'x-amz-request-id': 'id' });
  response.end(
    `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${isTruncated}</IsTruncated>${contents.join('')}</ListBucketResult>`,
  );
}
