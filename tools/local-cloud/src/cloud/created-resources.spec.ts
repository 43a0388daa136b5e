import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetBucketTaggingCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListQueueTagsCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type Cloud, startCloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

let cloud: Cloud;
let s3: S3Client;
let sqs: SQSClient;
let dynamo: DynamoDBClient;
beforeAll(async () => {
  cloud = await startCloud({ assembly: writeAssembly(fixture) });
  s3 = new S3Client(cloud.clientConfig());
  sqs = new SQSClient(cloud.clientConfig());
  dynamo = new DynamoDBClient(cloud.clientConfig());
});
afterAll(() => cloud.stop());

const named = (name: string) => ({ name });
const Tags = [{ Key: 'purpose', Value: 'test' }];

/** Creates a queue. @returns its URL and ARN */
async function createQueue(QueueName: string, Attributes: Record<string, string> = {}) {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  const { Attributes: found } = await sqs.send(asked);
  return { QueueUrl, arn: found?.['QueueArn'] ?? '' };
}

/** Lets a bucket notify a queue of everything below a prefix. */
function notify(Bucket: string, QueueArn: string, prefix: string) {
  const Filter = { Key: { FilterRules: [{ Name: 'prefix' as const, Value: prefix }] } };
  const QueueConfigurations = [{ QueueArn, Events: ['s3:ObjectCreated:*' as const], Filter }];
  return s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { QueueConfigurations },
    }),
  );
}

describe('a queue that a client creates', () => {
  it('receives messages until it is deleted', async () => {
    const tags = { purpose: 'test' };
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'own', tags }));
    await expect(sqs.send(new ListQueueTagsCommand({ QueueUrl }))).resolves.toMatchObject({ Tags: tags });
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(Messages).toHaveLength(1);
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))).rejects.toMatchObject(
      named('QueueDoesNotExist'),
    );
  });

  it('exists once: the same attributes return it, others are refused', async () => {
    const Attributes = { VisibilityTimeout: '7' };
    const { QueueUrl } = await createQueue('twice', Attributes);
    await expect(createQueue('twice', Attributes)).resolves.toMatchObject({ QueueUrl });
    await expect(createQueue('twice', { VisibilityTimeout: '8' })).rejects.toMatchObject(
      named('QueueNameExists'),
    );
  });
});

describe('notifications that a client configures', () => {
  it('are refused if the queue is unknown or its policy does not let S3 send', async () => {
    const Bucket = 'not-notifying';
    await s3.send(new CreateBucketCommand({ Bucket }));
    const { arn } = await createQueue('closed');
    await expect(notify(Bucket, arn, '')).rejects.toMatchObject(named('InvalidArgument'));
    await expect(notify(Bucket, `${arn}-other`, '')).rejects.toMatchObject(named('InvalidArgument'));
  });

  it('send a test message, and then the events that match', async () => {
    const Bucket = 'notifying';
    await s3.send(new CreateBucketCommand({ Bucket }));
    const Policy = JSON.stringify({
      Statement: {
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: '*',
        Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::${Bucket}` } },
      },
    });
    const { QueueUrl, arn } = await createQueue('open', { Policy });
    await notify(Bucket, arn, 'in/');
    for (const Key of ['out/a', 'in/b']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const bodies: string[] = [];
    while (bodies.length < 2) {
      const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
      const { Messages = [] } = await sqs.send(receive);
      bodies.push(...Messages.map(({ Body = '' }) => Body));
    }
    expect(bodies.map((body) => /"Event":"([^"]*)"|"key":"([^"]*)"/.exec(body)?.slice(1))).toEqual([
      ['s3:TestEvent', undefined],
      [undefined, 'in/b'],
    ]);
  });
});

it('a bucket keeps the tags that a client puts', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'tagged' }));
  const get = () => s3.send(new GetBucketTaggingCommand({ Bucket: 'tagged' }));
  await expect(get()).rejects.toMatchObject(named('NoSuchTagSet'));
  await s3.send(new PutBucketTaggingCommand({ Bucket: 'tagged', Tagging: { TagSet: Tags } }));
  await expect(get()).resolves.toMatchObject({ TagSet: Tags });
});

it('a table that a client creates has a time to live, and returns items that fail a condition', async () => {
  const TableName = 'own';
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      Tags,
    }),
  );
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 10, minDelay: 1 }, { TableName });
  const TimeToLiveSpecification = { AttributeName: 'expires', Enabled: true };
  await dynamo.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  await expect(dynamo.send(new DescribeTimeToLiveCommand({ TableName }))).resolves.toMatchObject({
    TimeToLiveDescription: { AttributeName: 'expires', TimeToLiveStatus: 'ENABLED' },
  });
  const put = (owner: string) =>
    dynamo.send(
      new PutItemCommand({
        TableName,
        Item: { id: { S: 'claim' }, expires: { N: '1' }, owner: { S: owner } },
        ConditionExpression: 'attribute_not_exists(id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  await put('first');
  await expect(put('second')).rejects.toMatchObject({ Item: { owner: { S: 'first' } } });
  await dynamo.send(new DeleteTableCommand({ TableName }));
  await expect(put('third')).rejects.toMatchObject(named('ResourceNotFoundException'));
});
