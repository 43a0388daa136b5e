import { hash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { json } from 'node:stream/consumers';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientAccess } from '../aws-http/index.ts';
import { type StandIn, standInForAws } from '../testing/index.ts';
import { createSendBatch } from './index.ts';

let aws: StandIn;
let answer: RequestListener;
let received: { target: unknown; host: unknown; document: unknown }[];
let queueUrl: string;

beforeAll(async () => {
  const server = createServer(async (request, response) => {
    const { 'x-amz-target': target, host } = request.headers;
    received.push({ target, host, document: await json(request) });
    answer(request, response);
  });
  aws = await standInForAws(server);
  queueUrl = `${aws.endpoint}/000000000000/dead-letters`;
});

beforeEach(() => {
  received = [];
});

afterAll(async () => {
  await aws.stop();
});

/** A response of SQS that accepts the messages with these ids. */
const taking =
  (...ids: string[]): RequestListener =>
  (_request, response) => {
    const Successful = ids.map((Id) => ({
      Id,
      MessageId: `m${Id}`,
      MD5OfMessageBody: hash('md5', `body ${Id}`),
    }));
    const Failed = [{ Id: '9', Code: 'InternalError', SenderFault: false }];
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' });
    response.end(JSON.stringify({ Successful, Failed }));
  };

const messages = ['0', '1', '2'].map((n) => ({ body: `body ${n}`, attributes: { reason: `\u0000 ${n}` } }));

const sendWithClient = (client: SQSClient) =>
  createSendBatch(
    queueUrl,
    clientAccess(client, new ListQueuesCommand({}), (command) => client.send(command)),
  );

describe.each([
  ['a client', () => sendWithClient(new SQSClient({}))],
  ['the environment', () => createSendBatch(queueUrl)],
])('sending to a queue with the access of %s', (_name, create) => {
  it('sends a batch to the queue, and returns which messages SQS accepted', async () => {
    answer = taking('0', '2');
    await expect(create()(messages)).resolves.toEqual([true, false, true]);
    expect(received).toEqual([
      {
        target: 'AmazonSQS.SendMessageBatch',
        host: new URL(queueUrl).host,
        document: {
          QueueUrl: queueUrl,
          Entries: messages.map(({ body }, n) => ({
            Id: String(n),
            MessageBody: body,
            MessageAttributes: { reason: { DataType: 'String', StringValue: `\ufffd ${n}` } },
          })),
        },
      },
    ]);
  });

  it('treats messages that the response does not name as not sent', async () => {
    answer = (_request, response) =>
      void response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' })
        .end('{}');
    await expect(create()(messages)).resolves.toEqual([false, false, false]);
  });

  it.each([
    [400, 'QueueDoesNotExist', 'refused'],
    [403, 'AccessDeniedException', 'refused'],
    [400, 'RequestThrottled', 'throttled'],
    [500, 'InternalFailure', 'unknown'],
  ])('reads %i %s as %s, after one attempt', async (status, code, outcome) => {
    answer = (_request, response) =>
      void response
        .writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' })
        .end(JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message: 'why' }));
    await expect(create()(messages)).rejects.toMatchObject({ name: 'CallError', outcome, code, status });
    expect(received).toHaveLength(1);
  });

  it('reports an unknown outcome for a call whose connection is cut', async () => {
    answer = (_request, response) => void response.destroy();
    await expect(create()(messages)).rejects.toMatchObject({ name: 'CallError', outcome: 'unknown' });
  });
});
