import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { SQSClient } from '@aws-sdk/client-sqs';
import { manualClock, type StandIn, standInForAws } from '@data-aggregator/shared-processing/testing';
import { letter } from '../testing/index.ts';
import { createDeadLetters, type DeadLetters } from './dead-letters.ts';

interface Batch {
  Entries: { Id: string; ReceiptHandle: string; VisibilityTimeout?: number }[];
}

let aws: StandIn;
let client: SQSClient;
let deadLetters: DeadLetters;
let received: { action: string; batch: Batch }[];
let answer: (batch: Batch) => object;

beforeAll(async () => {
  const server = createServer(async (request, response) => {
    const action = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
    const batch = (await json(request)) as Batch;
    received.push({ action, batch });
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' });
    response.end(JSON.stringify(answer(batch)));
  });
  aws = await standInForAws(server);
  client = new SQSClient({ maxAttempts: 1 });
  const rules = { clock: manualClock(), random: () => 0.5 };
  deadLetters = createDeadLetters(client, `${aws.endpoint}/000000000000/dead`, rules);
});
beforeEach(() => {
  received = [];
});
afterAll(async () => {
  client.destroy();
  await aws.stop();
});

const many = Array.from({ length: 12 }, (_, n) => letter(`id-${n}`, `${n}`));
const handles = many.map(({ handle }) => handle);

describe('the dead letters of a queue', () => {
  it('are removed in batches, and those that SQS does not confirm are returned', async () => {
    answer = ({ Entries: [, ...others] }) => ({
      Successful: others.map(({ Id }) => ({ Id })),
      Failed: [],
    });
    const left = await deadLetters.remove(many);
    expect(left.map(({ id }) => id)).toEqual(['id-0', 'id-10']);
    expect(received.map(({ action, batch }) => [action, batch.Entries.length])).toEqual([
      ['DeleteMessageBatch', 10],
      ['DeleteMessageBatch', 2],
    ]);
    expect(received.flatMap(({ batch }) => batch.Entries.map((entry) => entry.ReceiptHandle))).toEqual(
      handles,
    );
  });

  it('become visible at once when they are given back', async () => {
    answer = () => ({ Successful: [] });
    await deadLetters.giveBack(many);
    expect(received.map(({ action }) => action)).toEqual(Array(2).fill('ChangeMessageVisibilityBatch'));
    const entries = received.flatMap(({ batch }) => batch.Entries);
    expect(entries.map(({ ReceiptHandle }) => ReceiptHandle)).toEqual(handles);
    expect(entries.every(({ VisibilityTimeout }) => VisibilityTimeout === 0)).toBe(true);
  });

  it('are received with their attributes and the time when they were first sent', async () => {
    answer = () => ({
      Messages: [
        {
          MessageId: 'm',
          ReceiptHandle: 'h',
          Body: 'b',
          MD5OfBody: '92eb5ffee6ae2fec3ad71c777531578f',
          MessageAttributes: { reason: { DataType: 'String', StringValue: 'gone' } },
          Attributes: { SentTimestamp: '1764000000000' },
        },
      ],
    });
    await expect(deadLetters.receive()).resolves.toEqual([
      { id: 'm', handle: 'h', body: 'b', attributes: { reason: 'gone' }, sentAt: 1_764_000_000_000 },
    ]);
    expect(received).toMatchObject([
      {
        action: 'ReceiveMessage',
        batch: {
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 600,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['SentTimestamp'],
        },
      },
    ]);
    answer = () => ({});
    await expect(deadLetters.receive()).resolves.toEqual([]);
  });
});
