import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startCloud } from '../index.ts';
import { writeAssembly } from '../testing/assembly.ts';
import { fixture } from '../testing/fixture.ts';

const assembly = writeAssembly(fixture);
const scratch = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`local-cloud-${process.pid}-`));

/** Makes concurrent calls until they fail. */
function load(atOnce: number, call: (n: number) => Promise<unknown>): Promise<unknown> {
  let n = 0;
  const one = async () => {
    for (;;) await call(n++);
  };
  return Promise.allSettled(Array.from({ length: atOnce }, one));
}

test.each([5, 50, 200])('a cloud that has been busy for %d ms stops cleanly', async (ms) => {
  const told: string[] = [];
  const cloud = await startCloud({ assembly, logger: (line) => told.push(line) });
  const settings = { ...cloud.clientConfig(), maxAttempts: 1 };
  const [s3, sqs, dynamo] = [new S3Client(settings), new SQSClient(settings), new DynamoDBClient(settings)];
  const TableName = cloud.tables[0];
  const [queue] = Object.values(cloud.queues);
  const QueueUrl = queue?.url;
  const Body = Buffer.alloc(200_000, 'x');
  const loads = [
    load(50, (n) =>
      dynamo
        .send(
          new PutItemCommand({
            TableName,
            Item: { pk: { S: `item ${n % 10}` } },
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        )
        .catch((error: Error) => {
          if (error.name !== 'ConditionalCheckFailedException') throw error;
        }),
    ),
    load(10, (n) => s3.send(new PutObjectCommand({ Bucket: cloud.buckets['archive'], Key: `${n}`, Body }))),
    load(5, () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }))),
    load(2, () => sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }))),
    cloud.invoke('commands', { do: 'spin' }),
  ];
  await sleep(ms);
  const begun = Date.now();
  await cloud.stop();
  expect(Date.now() - begun).toBeLessThan(10_000);
  await Promise.all(loads);
  // Leftovers of the stopped cloud would show up now.
  await sleep(50);
  expect(scratch()).toEqual([]);
  expect(told.filter((line) => line.startsWith('cloud.failed') || line.startsWith('s3.failed'))).toEqual([]);
});
