import type { QueueModel } from '../assembly/model.ts';
import { createSqs } from './sqs.ts';

const url = (name: string) => `http://127.0.0.1:4566/000000000000/${name}`;
const model = (name: string, attributes: Record<string, string> = {}): QueueModel => ({
  name,
  arn: `arn:aws:sqs:eu-central-1:000000000000:${name}`,
  url: url(name),
  attributes,
  deadLetterArn: undefined,
  policy: [],
});

interface Answer {
  Messages?: { ReceiptHandle: string; Attributes?: Record<string, string>; MessageAttributes?: object }[];
  Successful?: { Id: string }[];
  Failed?: { Id: string; Code: string; SenderFault: boolean }[];
  Attributes?: Record<string, string>;
  __type?: string;
}

/** Calls under a clock that only `pass` moves. */
function start(attributes: Record<string, string> = {}, inFlightLimit?: number) {
  let time = 1_000_000_000_000;
  const sqs = createSqs([model('q', attributes)], {
    now: () => time,
    ...(inFlightLimit !== undefined && { inFlightLimit }),
  });
  async function call(operation: string, input: object) {
    const { status, headers, body } = await sqs.call(
      operation,
      JSON.stringify({ QueueUrl: url('q'), ...input }),
    );
    return { status, queryError: headers['x-amzn-query-error'], answer: JSON.parse(body) as Answer };
  }
  async function receive(input: object = {}) {
    const { answer } = await call('ReceiveMessage', { MaxNumberOfMessages: 10, ...input });
    return answer.Messages ?? [];
  }
  const send = (input: object = {}) => call('SendMessage', { MessageBody: 'x', ...input });
  const counts = async () => {
    const { answer } = await call('GetQueueAttributes', { AttributeNames: ['All'] });
    const count = (name: string) => Number(answer.Attributes?.[`ApproximateNumberOfMessages${name}`]);
    return { visible: count(''), notVisible: count('NotVisible'), delayed: count('Delayed') };
  };
  return { call, receive, send, counts, pass: (seconds: number) => void (time += seconds * 1000) };
}

describe('ChangeMessageVisibilityBatch', () => {
  it('changes each message by its own timeout, and names the entries that failed', async () => {
    const { call, receive, send, pass, counts } = start();
    for (let sent = 0; sent < 5; sent++) await send();
    const [early = '', late = '', deleted = '', reappeared = '', wrong = ''] = (await receive()).map(
      ({ ReceiptHandle }) => ReceiptHandle,
    );
    await call('DeleteMessage', { ReceiptHandle: deleted });
    await call('ChangeMessageVisibility', { ReceiptHandle: reappeared, VisibilityTimeout: 0 });
    const entry = (Id: string, ReceiptHandle: string, VisibilityTimeout: number) => ({
      Id,
      ReceiptHandle,
      VisibilityTimeout,
    });
    const { status, answer } = await call('ChangeMessageVisibilityBatch', {
      Entries: [
        entry('early', early, 5),
        entry('late', late, 500),
        entry('deleted', deleted, 5),
        entry('reappeared', reappeared, 5),
        entry('negative', wrong, -1),
        entry('too-long', wrong, 43_201),
        entry('unknown', 'unknown', 5),
      ],
    });
    expect(status).toBe(200);
    expect(answer.Successful).toEqual([{ Id: 'early' }, { Id: 'late' }]);
    expect(answer.Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault])).toEqual([
      ['deleted', 'InvalidParameterValue', true],
      ['reappeared', 'MessageNotInflight', true],
      ['negative', 'InvalidParameterValue', true],
      ['too-long', 'InvalidParameterValue', true],
      ['unknown', 'ReceiptHandleIsInvalid', true],
    ]);
    pass(5);
    await expect(counts()).resolves.toEqual({ visible: 2, notVisible: 2, delayed: 0 });
    pass(25);
    await expect(counts()).resolves.toEqual({ visible: 3, notVisible: 1, delayed: 0 });
  });

  const entries = (count: number, id = (index: number) => `id-${index}`) =>
    Array.from({ length: count }, (_, index) => ({
      Id: id(index),
      ReceiptHandle: 'h',
      VisibilityTimeout: 0,
    }));

  it.each([
    ['no entries', [], 'EmptyBatchRequest'],
    ['11 entries', entries(11), 'TooManyEntriesInBatchRequest'],
    ['the same id twice', entries(2, () => 'same'), 'BatchEntryIdsNotDistinct'],
    ['an id with a blank', entries(1, () => 'a b'), 'InvalidBatchEntryId'],
    ['an id of 81 letters', entries(1, () => 'a'.repeat(81)), 'InvalidBatchEntryId'],
  ])('is refused as a whole with %s', async (_name, Entries, code) => {
    const { call } = start();
    await expect(call('ChangeMessageVisibilityBatch', { Entries })).resolves.toMatchObject({
      status: 400,
      queryError: `AWS.SimpleQueueService.${code};Sender`,
      answer: { __type: `com.amazonaws.sqs#${code}` },
    });
  });
});

describe('a call is refused', () => {
  it.each([
    [
      'ChangeMessageVisibility',
      { ReceiptHandle: 'unknown', VisibilityTimeout: 1 },
      404,
      'ReceiptHandleIsInvalid',
    ],
    [
      'ChangeMessageVisibility',
      { ReceiptHandle: 'h', VisibilityTimeout: 43_201 },
      400,
      'InvalidParameterValue',
    ],
    ['ChangeMessageVisibility', { ReceiptHandle: 'h', VisibilityTimeout: -1 }, 400, 'InvalidParameterValue'],
    ['ChangeMessageVisibility', { ReceiptHandle: 'h', VisibilityTimeout: 0.5 }, 400, 'InvalidParameterValue'],
    ['ChangeMessageVisibility', { ReceiptHandle: 'h' }, 400, 'MissingParameter'],
    ['ReceiveMessage', { MaxNumberOfMessages: 11 }, 400, 'InvalidParameterValue'],
    ['ReceiveMessage', { WaitTimeSeconds: 21 }, 400, 'InvalidParameterValue'],
    ['SendMessage', { MessageBody: 'x', DelaySeconds: 901 }, 400, 'InvalidParameterValue'],
    ['SendMessage', { MessageBody: 'a\u0000' }, 400, 'InvalidMessageContents'],
    ['SendMessage', { MessageBody: 'x'.repeat(1_048_577) }, 400, 'InvalidParameterValue'],
    ['SendMessage', { MessageBody: 'x', Unknown: 1 }, 501, 'NotImplemented'],
    ['GetQueueAttributes', { AttributeNames: ['Unknown'] }, 400, 'InvalidAttributeName'],
    ['GetQueueAttributes', { QueueUrl: url('none') }, 400, 'QueueDoesNotExist'],
    [
      'SendMessageBatch',
      { Entries: ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(600_000) })) },
      400,
      'BatchRequestTooLong',
    ],
  ])('%s with %j: %d %s', async (operation, input, status, code) => {
    const { call } = start();
    await expect(call(operation, input)).resolves.toMatchObject({
      status,
      answer: { __type: `com.amazonaws.sqs#${code}` },
    });
  });

  it('with OverLimit and status 403, if too many messages are in flight', async () => {
    const { call, receive, send } = start({}, 1);
    await send();
    await send();
    await expect(receive()).resolves.toHaveLength(1);
    await expect(call('ReceiveMessage', {})).resolves.toMatchObject({
      status: 403,
      queryError: 'OverLimit;Sender',
    });
  });
});

it('a received message has the attributes that were asked for, and no others', async () => {
  const { receive, send, pass } = start();
  await send({
    DelaySeconds: 3,
    MessageAttributes: {
      kind: { DataType: 'String', StringValue: 'sample' },
      'trace.id': { DataType: 'Number', StringValue: '1' },
    },
  });
  pass(3);
  const [bare] = await receive({ VisibilityTimeout: 0 });
  expect([bare?.Attributes, bare?.MessageAttributes]).toEqual([undefined, undefined]);
  const [asked] = await receive({
    AttributeNames: ['ApproximateReceiveCount'],
    MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateFirstReceiveTimestamp'],
    MessageAttributeNames: ['trace.*'],
  });
  expect(asked?.Attributes).toEqual({
    ApproximateReceiveCount: '2',
    SentTimestamp: '1000000000000',
    ApproximateFirstReceiveTimestamp: '1000000003000',
  });
  expect(asked?.MessageAttributes).toEqual({ 'trace.id': { DataType: 'Number', StringValue: '1' } });
});

it('the attributes of a queue are those of its template, with the defaults of SQS', async () => {
  const { call } = start({ VisibilityTimeout: '45' });
  const { answer } = await call('GetQueueAttributes', {
    AttributeNames: ['VisibilityTimeout', 'MessageRetentionPeriod', 'RedrivePolicy'],
  });
  expect(answer).toEqual({ Attributes: { VisibilityTimeout: '45', MessageRetentionPeriod: '345600' } });
});
