import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  ListQueuesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { startCloud, type Cloud } from '../index.ts';
import { rawRequest } from '../s3/testing/raw.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

let cloud: Cloud;
const said: string[] = [];
beforeAll(async () => {
  cloud = await startCloud({ assembly: writeAssembly(fixture), logger: (line) => said.push(line) });
  const s3 = new S3Client(cloud.clientConfig());
  await s3.send(new PutObjectCommand({ Bucket: cloud.buckets['landing'], Key: 'in/a.bin', Body: 'x' }));
  await s3.send(new PutObjectCommand({ Bucket: cloud.buckets['landing'], Key: 'secret', Body: 'x' }));
});
afterAll(() => cloud.stop());

const reader = async (event: object) => JSON.parse((await cloud.invoke('reader', event)).payload);

describe('a function', () => {
  test('can do what its role allows', async () => {
    expect(await reader({ call: 'get', bucket: cloud.buckets['landing'], key: 'in/a.bin' })).toBe('done');
    expect(await reader({ call: 'put', bucket: cloud.buckets['archive'], key: 'anywhere' })).toBe('done');
  });

  test('is denied by S3 what its role does not allow; the log names role, action and resource', async () => {
    const answer = await reader({ call: 'get', bucket: cloud.buckets['landing'], key: 'secret' });
    expect(answer).toMatchObject({ name: 'AccessDenied', status: 403 });
    const resource = `arn:aws:s3:::${cloud.buckets['landing'] ?? ''}/secret`;
    expect(said.filter((line) => line.includes(resource))).toEqual([
      `access.denied User: reader-role is not authorized to perform: s3:GetObject on resource: ${resource} because no policy allows the s3:GetObject action`,
    ]);
  });

  test("is denied what the bucket's policy denies, whatever its role allows", async () => {
    const answer = await reader({ call: 'put', bucket: cloud.buckets['archive'], key: 'sealed/x' });
    expect(answer).toMatchObject({ name: 'AccessDenied', status: 403 });
    expect(said.at(-1)).toContain('explicit deny');
  });

  test('is denied by SQS, in the form that SDKs expect', async () => {
    const answer = await reader({ call: 'send', url: cloud.queues['fixture-queue']?.url });
    expect(answer).toMatchObject({ name: 'AccessDenied', status: 403 });
    expect(answer.message).toContain('sqs:SendMessage');
  });

  test('needs sqs:ChangeMessageVisibility to change visibility timeouts, one by one or in a batch', async () => {
    const sqs = new SQSClient(cloud.clientConfig('batches-role'));
    const change = { ReceiptHandle: 'x', VisibilityTimeout: 0 };
    const QueueUrl = cloud.queues['fixture-queue']?.url;
    const refused = {
      name: 'AccessDenied',
      message: expect.stringContaining('sqs:ChangeMessageVisibility on resource'),
    };
    await expect(sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ...change }))).rejects.toMatchObject(
      refused,
    );
    await expect(
      sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries: [{ Id: 'a', ...change }] })),
    ).rejects.toMatchObject(refused);
  });

  test('is denied by DynamoDB, in the form that SDKs expect', async () => {
    const answer = await reader({ call: 'item', table: 'fixture-ledger' });
    expect(answer).toMatchObject({ name: 'AccessDeniedException', status: 400 });
    expect(answer.message).toContain('dynamodb:GetItem');
  });
});

test('an empty Expect header is accepted', async () => {
  const answer = await rawRequest(cloud.endpoint, { path: '/', headers: { expect: '' } });
  // S3 itself answers, because the request is unsigned.
  expect(answer).toMatchObject({ status: 403, body: expect.stringContaining('<Code>AccessDenied</Code>') });
});

describe('a call over plain HTTP', () => {
  test('is denied only if a policy requires TLS', async () => {
    await using plain = await plainHttp();
    const s3 = new S3Client(plain.cloud.clientConfig('reader-role'));
    const { landing, archive } = plain.cloud.buckets;
    await expect(s3.send(new GetObjectCommand({ Bucket: landing, Key: 'in/a' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    await expect(
      s3.send(new PutObjectCommand({ Bucket: archive, Key: 'a', Body: '' })),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    expect(plain.said.at(-1)).toContain('s3:PutObject on resource: arn:aws:s3:::fixture-archive');
    expect(plain.said.at(-1)).toContain('explicit deny');
  });

  async function plainHttp() {
    const said: string[] = [];
    const cloud = await startCloud({
      assembly: writeAssembly(fixture),
      secureTransport: false,
      logger: (line) => said.push(line),
    });
    return { cloud, said, [Symbol.asyncDispose]: cloud.stop };
  }
});

describe('a bucket restricted to some addresses', () => {
  test.each<[string, string, string | undefined]>([
    ['accepts calls from them', '127.0.0.0/8', undefined],
    ['denies calls from other addresses', '203.0.113.0/24', 'AccessDenied'],
  ])('%s', async (_name, addresses, refusal) => {
    await using gated = await gatedCloud(addresses);
    const s3 = new S3Client(gated.cloud.clientConfig('reader-role'));
    const put = s3.send(
      new PutObjectCommand({ Bucket: gated.cloud.buckets['archive'], Key: 'a', Body: 'x' }),
    );
    const outcome = await put.then(
      () => undefined,
      (error: Error) => error.name,
    );
    expect(outcome).toBe(refusal);
  });

  async function gatedCloud(addresses: string) {
    const Statement = [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: { 'Fn::Sub': '${Archive.Arn}/*' },
        Condition: { NotIpAddress: { 'aws:SourceIp': [addresses] } },
      },
    ];
    const Properties = { Bucket: { Ref: 'Archive' }, PolicyDocument: { Statement } };
    const policies = Object.entries(fixture).filter(
      ([, resource]) => (resource as { Type: string }).Type !== 'AWS::S3::BucketPolicy',
    );
    const gate = { Type: 'AWS::S3::BucketPolicy', Properties };
    const assembly = writeAssembly({ ...Object.fromEntries(policies), Gate: gate });
    const cloud = await startCloud({ assembly, logger: () => undefined });
    return { cloud, [Symbol.asyncDispose]: cloud.stop };
  }
});

describe('credentials', () => {
  test("of a role have the same permissions as the role's functions", async () => {
    const s3 = new S3Client(cloud.clientConfig('reader-role'));
    const get = (Key: string) => s3.send(new GetObjectCommand({ Bucket: cloud.buckets['landing'], Key }));
    await expect(get('in/a.bin')).resolves.toBeDefined();
    await expect(get('secret')).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(() => cloud.clientConfig('nobody')).toThrow('there is no role nobody');
  });

  test('that do not exist are refused by every service', async () => {
    const config = {
      ...cloud.clientConfig(),
      credentials: { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' },
    };
    await expect(
      new S3Client(config).send(new GetObjectCommand({ Bucket: cloud.buckets['landing'], Key: 'in/a.bin' })),
    ).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    await expect(new SQSClient(config).send(new ListQueuesCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
  });
});

describe('the gateway', () => {
  test('names unsupported operations', async () => {
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [{ Delete: { TableName: 't', Key: {} } }],
    });
    await expect(
      new DynamoDBClient({ ...cloud.clientConfig(), maxAttempts: 1 }).send(transaction),
    ).rejects.toThrow('TransactWriteItems is not supported by the local cloud');
    const parameters = await fetch(cloud.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'AmazonSSM.GetParameter' },
    });
    expect(parameters.status).toBe(501);
    expect(await parameters.json()).toMatchObject({ __type: 'NotImplemented' });
  });

  test('returns queue URLs that it serves', async () => {
    const { QueueUrls } = await new SQSClient(cloud.clientConfig()).send(new ListQueuesCommand({}));
    expect(QueueUrls).toContain(`${cloud.endpoint}/000000000000/fixture-queue`);
  });

  test('returns the item that failed a condition, if requested', async () => {
    const dynamodb = new DynamoDBClient(cloud.clientConfig());
    const put = (n: string) =>
      dynamodb.send(
        new PutItemCommand({
          TableName: 'fixture-ledger',
          Item: { id: { S: '1' }, n: { N: n } },
          ConditionExpression: 'attribute_not_exists(id)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
    await put('1');
    await expect(put('2')).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { id: { S: '1' }, n: { N: '1' } },
    });
  });
});

describe('faults', () => {
  const dynamodb = () => new DynamoDBClient({ ...cloud.clientConfig(), maxAttempts: 1 });
  const put = (id: string) =>
    dynamodb().send(new PutItemCommand({ TableName: 'fixture-ledger', Item: { id: { S: id } } }));
  const exists = async (id: string) => {
    const { Item } = await dynamodb().send(
      new GetItemCommand({ TableName: 'fixture-ledger', Key: { id: { S: id } }, ConsistentRead: true }),
    );
    return Item !== undefined;
  };
  afterEach(() => {
    cloud.faults.dynamodb = undefined;
    cloud.faults.sqs = undefined;
  });

  test.each([
    ['throttled', { status: 400, code: 'ThrottlingException' }, false],
    ['unavailable', { status: 503, code: 'ServiceUnavailable' }, false],
    ['cut before the effect', { cutBeforeEffect: true }, false],
    ['cut after the effect', { cutAfterEffect: true }, true],
    ['cut in the body', { cutBodyAfterBytes: 1 }, true],
  ] as const)('DynamoDB %s: the call fails, with or without effect', async (name, fault, effect) => {
    cloud.faults.dynamodb = ({ operation }) => (operation === 'PutItem' ? fault : undefined);
    await expect(put(name)).rejects.toThrow();
    cloud.faults.dynamodb = undefined;
    expect(await exists(name)).toBe(effect);
  });

  test('an effect can follow after the connection is lost', async () => {
    cloud.faults.dynamodb = ({ operation }) => (operation === 'PutItem' ? { lateEffectMs: 150 } : undefined);
    await expect(put('late')).rejects.toThrow();
    expect(await exists('late')).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(await exists('late')).toBe(true);
  });

  test('SQS can be slow', async () => {
    cloud.faults.sqs = ({ resource, roleName }) =>
      resource === 'fixture-removals-a' && roleName === undefined ? { delayMs: 200 } : undefined;
    const begun = Date.now();
    await new SQSClient(cloud.clientConfig()).send(
      new SendMessageCommand({ QueueUrl: cloud.queues['fixture-removals-a']?.url, MessageBody: '{}' }),
    );
    expect(Date.now() - begun).toBeGreaterThanOrEqual(199);
  });
});
