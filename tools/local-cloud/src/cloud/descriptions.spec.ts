import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud, type Cloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

const region = 'ap-southeast-2';
let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ assembly: writeAssembly(fixture), region });
});
afterAll(() => cloud.stop());

describe('a table', () => {
  const TableName = 'fixture-ledger';
  test("has an ARN in the cloud's region", async () => {
    const { Table } = await new DynamoDBClient(cloud.clientConfig()).send(
      new DescribeTableCommand({ TableName }),
    );
    expect(Table?.TableArn).toBe(`arn:aws:dynamodb:${region}:000000000000:table/${TableName}`);
  });

  test('has the time to live in its template', async () => {
    const described = await new DynamoDBClient(cloud.clientConfig()).send(
      new DescribeTimeToLiveCommand({ TableName }),
    );
    expect(described.TimeToLiveDescription).toEqual({
      TimeToLiveStatus: 'ENABLED',
      AttributeName: 'expires',
    });
  });
});

test('a queue has its policy as an attribute', async () => {
  const policyOf = async (name: string) => {
    const { Attributes } = await new SQSClient(cloud.clientConfig()).send(
      new GetQueueAttributesCommand({ QueueUrl: cloud.queues[name]?.url, AttributeNames: ['Policy'] }),
    );
    return JSON.parse(Attributes?.['Policy'] ?? 'null') as unknown;
  };
  expect(await policyOf('fixture-queue')).toMatchObject({
    Statement: [{ Action: 'sqs:SendMessage', Resource: cloud.queues['fixture-queue']?.arn }],
  });
  expect(await policyOf('fixture-dead-letters')).toBeNull();
});

describe('a version of a function', () => {
  const lambda = () => new LambdaClient({ ...cloud.clientConfig(), maxAttempts: 1 });
  const arn = () => cloud.functions['fixture-commands']?.arn ?? '';
  const references: [string, () => { FunctionName: string; Qualifier?: string }][] = [
    ['in the name', () => ({ FunctionName: 'fixture-commands:1' })],
    ['in the ARN', () => ({ FunctionName: `${arn()}:1` })],
    ['as a parameter', () => ({ FunctionName: 'fixture-commands', Qualifier: '1' })],
    ['as an alias', () => ({ FunctionName: 'fixture-commands:live' })],
  ];
  test.each(references)('is not found if it does not exist: %s', async (_, reference) => {
    const name = 'ResourceNotFoundException';
    await expect(lambda().send(new InvokeCommand(reference()))).rejects.toMatchObject({ name });
    await expect(lambda().send(new GetFunctionCommand(reference()))).rejects.toMatchObject({ name });
    expect(cloud.processes()).toEqual([]);
  });

  test('must be the same if named twice', async () => {
    const command = new InvokeCommand({ FunctionName: 'fixture-commands:1', Qualifier: '2' });
    await expect(lambda().send(command)).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  test.each([
    ['', undefined],
    [':$LATEST', undefined],
    ['', '$LATEST'],
    [':$LATEST', '$LATEST'],
  ])('runs if it is the latest: name%s, qualifier %s', async (ending, Qualifier) => {
    for (const FunctionName of [`fixture-commands${ending}`, `${arn()}${ending}`]) {
      const { ExecutedVersion } = await lambda().send(
        new InvokeCommand({ FunctionName, Qualifier, Payload: '{}' }),
      );
      expect(ExecutedVersion).toBe('$LATEST');
    }
  });
});
