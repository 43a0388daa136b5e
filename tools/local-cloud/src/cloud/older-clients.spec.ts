import { createHash } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import { startCloud, type Cloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';
import { signedFetch } from '../testing/signed-fetch.ts';

let cloud: Cloud;
beforeAll(async () => {
  const { Mapping: _notPolled, ...resources } = fixture;
  cloud = await startCloud({ assembly: writeAssembly(resources) });
});
afterAll(() => cloud.stop());

const parser = new XMLParser({ parseTagValue: false, trimValues: false, htmlEntities: true });
const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** A query protocol call, like those of AWS CLI 2.9 and boto3 1.26. */
async function query(
  service: string,
  form: Record<string, string>,
  credentials = cloud.credentials.admin,
  path = '/',
) {
  const answer = await signedFetch(cloud.endpoint, {
    service,
    credentials,
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams(form).toString(),
  });
  const type = answer.headers.get('content-type');
  return { status: answer.status, type, document: parser.parse(await answer.text()) };
}
const QueueUrl = () => cloud.queues['fixture-queue']?.url ?? '';
const sqs = (Action: string, more: Record<string, string> = {}) =>
  query(
    'sqs',
    { Action, Version: '2012-11-05', QueueUrl: QueueUrl(), ...more },
    undefined,
    new URL(QueueUrl()).pathname,
  );

/** Receives all messages, always as a list. */
async function receive(more: Record<string, string> = {}) {
  const { document } = await sqs('ReceiveMessage', { MaxNumberOfMessages: '10', ...more });
  return [document.ReceiveMessageResponse.ReceiveMessageResult.Message ?? []].flat();
}

describe('SQS over the query protocol', () => {
  beforeEach(() => sqs('PurgeQueue'));

  test('sends and receives a message, with attributes and digests', async () => {
    const MessageBody = 'a <b> & "ü"\r\n\tend ';
    const sent = await sqs('SendMessage', {
      MessageBody,
      'MessageAttribute.1.Name': 'one',
      'MessageAttribute.1.Value.DataType': 'String',
      'MessageAttribute.1.Value.StringValue': 'v',
      'MessageAttribute.2.Name': 'two',
      'MessageAttribute.2.Value.DataType': 'Binary',
      'MessageAttribute.2.Value.BinaryValue': 'AAE=',
    });
    const result = sent.document.SendMessageResponse.SendMessageResult;
    expect([sent.status, sent.type, result.MD5OfMessageBody]).toEqual([200, 'text/xml', md5(MessageBody)]);
    const [message] = await receive({ 'AttributeName.1': 'All', 'MessageAttributeName.1': 'All' });
    expect(message).toMatchObject({
      MessageId: result.MessageId,
      Body: MessageBody,
      MD5OfBody: md5(MessageBody),
      MD5OfMessageAttributes: result.MD5OfMessageAttributes,
      MessageAttribute: [
        { Name: 'one', Value: { DataType: 'String', StringValue: 'v' } },
        { Name: 'two', Value: { DataType: 'Binary', BinaryValue: 'AAE=' } },
      ],
    });
    expect(message.Attribute).toContainEqual({ Name: 'ApproximateReceiveCount', Value: '1' });
  });

  test('sends, releases and deletes in batches, and reports failed entries', async () => {
    const entries = Object.fromEntries(
      Array.from({ length: 10 }, (_, n) => n + 1).flatMap((n) => [
        [`SendMessageBatchRequestEntry.${n}.Id`, `id${n}`],
        [`SendMessageBatchRequestEntry.${n}.MessageBody`, `body ${n}`],
      ]),
    );
    const sent = await sqs('SendMessageBatch', entries);
    const { SendMessageBatchResultEntry: results } =
      sent.document.SendMessageBatchResponse.SendMessageBatchResult;
    expect(results.map(({ Id, MD5OfMessageBody }: Record<string, string>) => [Id, MD5OfMessageBody])).toEqual(
      Array.from({ length: 10 }, (_, n) => [`id${n + 1}`, md5(`body ${n + 1}`)]),
    );
    const [one, two] = await receive();
    const changed = await sqs('ChangeMessageVisibilityBatch', {
      'ChangeMessageVisibilityBatchRequestEntry.1.Id': 'a',
      'ChangeMessageVisibilityBatchRequestEntry.1.ReceiptHandle': one.ReceiptHandle,
      'ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout': '0',
      'ChangeMessageVisibilityBatchRequestEntry.2.Id': 'b',
      'ChangeMessageVisibilityBatchRequestEntry.2.ReceiptHandle': 'unknown',
      'ChangeMessageVisibilityBatchRequestEntry.2.VisibilityTimeout': '0',
    });
    const { ChangeMessageVisibilityBatchResult: change } =
      changed.document.ChangeMessageVisibilityBatchResponse;
    expect(change.ChangeMessageVisibilityBatchResultEntry).toEqual({ Id: 'a' });
    expect(change.BatchResultErrorEntry).toMatchObject({
      Id: 'b',
      Code: 'ReceiptHandleIsInvalid',
      SenderFault: 'true',
    });
    expect((await receive()).map(({ Body }) => Body)).toEqual([one.Body]);
    const deleted = await sqs('DeleteMessageBatch', {
      'DeleteMessageBatchRequestEntry.1.Id': 'x',
      'DeleteMessageBatchRequestEntry.1.ReceiptHandle': two.ReceiptHandle,
    });
    expect(
      deleted.document.DeleteMessageBatchResponse.DeleteMessageBatchResult.DeleteMessageBatchResultEntry,
    ).toEqual({ Id: 'x' });
    const { document } = await sqs('GetQueueAttributes', {
      'AttributeName.1': 'ApproximateNumberOfMessagesNotVisible',
    });
    expect(document.GetQueueAttributesResponse.GetQueueAttributesResult.Attribute).toEqual({
      Name: 'ApproximateNumberOfMessagesNotVisible',
      Value: '9',
    });
  });

  test('releases and deletes one message', async () => {
    await sqs('SendMessage', { MessageBody: 'x' });
    const [first] = await receive();
    const { ReceiptHandle } = first;
    expect((await sqs('ChangeMessageVisibility', { ReceiptHandle, VisibilityTimeout: '0' })).status).toBe(
      200,
    );
    const [again] = await receive();
    const deleted = await sqs('DeleteMessage', { ReceiptHandle: again.ReceiptHandle });
    expect(Object.keys(deleted.document.DeleteMessageResponse)).toEqual(['ResponseMetadata']);
    expect(await receive({ VisibilityTimeout: '0' })).toEqual([]);
  });

  test('finds queues', async () => {
    const named = await query('sqs', { Action: 'GetQueueUrl', QueueName: 'fixture-queue' });
    expect(named.document.GetQueueUrlResponse.GetQueueUrlResult).toEqual({ QueueUrl: QueueUrl() });
    const listed = await query('sqs', { Action: 'ListQueues', QueueNamePrefix: 'fixture-removals' });
    expect(listed.document.ListQueuesResponse.ListQueuesResult.QueueUrl).toHaveLength(2);
  });

  test("returns errors in XML, with that protocol's codes", async () => {
    const missing = await query('sqs', { Action: 'GetQueueUrl', QueueName: 'none' });
    expect(await sqs('ChangeMessageVisibilityBatch')).toMatchObject({
      status: 400,
      document: { ErrorResponse: { Error: { Code: 'AWS.SimpleQueueService.EmptyBatchRequest' } } },
    });
    expect(
      await sqs('ChangeMessageVisibility', { ReceiptHandle: 'x', VisibilityTimeout: 'y' }),
    ).toMatchObject({
      status: 400,
      document: { ErrorResponse: { Error: { Code: 'InvalidParameterValue' } } },
    });
    expect(missing).toMatchObject({
      status: 400,
      document: {
        ErrorResponse: { Error: { Type: 'Sender', Code: 'AWS.SimpleQueueService.NonExistentQueue' } },
      },
    });
    const denied = await query(
      'sqs',
      { Action: 'ListQueues' },
      cloud.clientConfig('reader-role').credentials,
    );
    expect(denied).toMatchObject({
      status: 403,
      document: { ErrorResponse: { Error: { Code: 'AccessDenied' } } },
    });
    const unknown = await query('sqs', { Action: 'TagQueue', QueueUrl: QueueUrl() });
    expect(unknown).toMatchObject({
      status: 501,
      document: { ErrorResponse: { Error: { Code: 'NotImplemented' } } },
    });
  });
});

describe("an unsupported service answers in the caller's protocol", () => {
  test.each(['iam', 'sns', 'autoscaling'])('%s: query', async (service) => {
    expect(await query(service, { Action: 'List', Version: '2010-05-08' })).toMatchObject({
      status: 501,
      type: 'text/xml',
      document: {
        ErrorResponse: { Error: { Code: 'NotImplemented', Message: expect.stringContaining(service) } },
      },
    });
  });

  test('ec2: its own XML', async () => {
    const { document } = await query('ec2', { Action: 'DescribeInstances' });
    expect(document.Response.Errors.Error.Code).toBe('NotImplemented');
  });

  test('JSON', async () => {
    const answer = await signedFetch(cloud.endpoint, {
      service: 'kinesis',
      credentials: cloud.credentials.admin,
      headers: { 'x-amz-target': 'Kinesis_20131202.ListStreams' },
      body: '{}',
    });
    expect(answer.status).toBe(501);
    expect(await answer.json()).toMatchObject({ __type: 'NotImplemented' });
  });

  test.each(['Logs_20140328.constructor', 'AWSEvents.valueOf', 'AmazonSQS.toString'])(
    'JSON, for an operation named like an inherited property: %s',
    async (target) => {
      const answer = await signedFetch(cloud.endpoint, {
        service: 'service',
        credentials: cloud.credentials.admin,
        headers: { 'x-amz-target': target },
        body: '{}',
      });
      expect(answer.status).toBe(501);
      expect(await answer.text()).toContain('NotImplemented');
    },
  );

  test('without a signature: a missing token error', async () => {
    const answer = await fetch(cloud.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=ListQueues',
    });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });
});
