import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { invokeOnAws } from './invoke-aws.ts';

/** A stand-in for Lambda's endpoint. */
async function lambda(answer: { headers: Record<string, string>; body: string }) {
  const requests: { url: string | undefined; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push({ url: request.url, body: Buffer.concat(chunks).toString() });
    response.writeHead(200, answer.headers).end(answer.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const client = new LambdaClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials,
  });
  const stop = () => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  };
  return { client, requests, [Symbol.dispose]: stop };
}

describe('an invocation on AWS', () => {
  it('sends the event, and returns the response and the end of the log', async () => {
    const log = Buffer.from('START\nEND\n').toString('base64');
    using aws = await lambda({ headers: { 'x-amz-log-result': log }, body: '{"n":2}' });
    const lines: string[] = [];
    const onLog = (line: string) => void lines.push(line);
    const answer = await invokeOnAws('data-aggregator-dev-demo', { n: 1 }, { client: aws.client, onLog });
    expect(answer).toEqual({ isError: false, payload: '{"n":2}' });
    expect(lines).toEqual(['START\nEND']);
    expect(aws.requests).toEqual([
      { url: expect.stringContaining('/functions/data-aggregator-dev-demo/invocations'), body: '{"n":1}' },
    ]);
  });

  it('distinguishes an error of the function from a result', async () => {
    const body = '{"errorMessage":"no"}';
    using aws = await lambda({ headers: { 'x-amz-function-error': 'Unhandled' }, body });
    const answer = await invokeOnAws('demo', {}, { client: aws.client, onLog: () => undefined });
    expect(answer).toEqual({ isError: true, payload: body });
  });

  it('explains a failure in one sentence', async () => {
    const client = new LambdaClient({
      region: 'eu-central-1',
      credentials: () => Promise.reject(new Error('expired')),
    });
    await expect(invokeOnAws('demo', {}, { client, onLog: () => undefined })).rejects.toThrow(
      'Invoking demo on AWS failed: expired (Error).',
    );
  });
});
