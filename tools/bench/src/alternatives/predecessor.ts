import { createHash } from 'node:crypto';
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { isTaken, type LandedObject, landedObjects, type SqsEvent, startBundle } from './bundle.ts';

/*
 * The way in which the predecessor worked: one file after another, each with a ledger write before its GET and one
 * after it, and gzip at level 9.
 */
const s3 = new S3Client({});
const dynamo = new DynamoDBClient({});
const TableName = process.env['LEDGER_TABLE'];

export async function handler(event: SqsEvent) {
  const bundle = startBundle(9);
  for (const object of landedObjects(event)) {
    if (!(await begin(object))) continue;
    const { Bucket, Key, VersionId } = object;
    const { Body, LastModified } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    if (!Body) throw new Error(`${Key} has no body`);
    const content = await Body.transformToByteArray();
    await bundle.add(Key, content, LastModified);
    await finish(object, createHash('sha256').update(content).digest('hex'));
  }
  const Key = `bundles/${crypto.randomUUID()}.tar.gz`;
  await s3.send(
    new PutObjectCommand({ Bucket: process.env['DISTRIBUTION_BUCKET'], Key, Body: await bundle.end() }),
  );
  return { batchItemFailures: [] };
}

/** Marks a file as in progress. Returns false if it already is. */
async function begin({ id }: LandedObject): Promise<boolean> {
  try {
    await dynamo.send(
      new PutItemCommand({
        TableName,
        Item: { id: { S: id }, status: { S: 'INPROGRESS' }, expires: { N: '1795338000' } },
        ConditionExpression: 'attribute_not_exists(id)',
      }),
    );
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

async function finish({ id }: LandedObject, sha256: string): Promise<void> {
  await dynamo.send(
    new UpdateItemCommand({
      TableName,
      Key: { id: { S: id } },
      UpdateExpression: 'SET #status = :done, sha256 = :sha256',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':done': { S: 'COMPLETED' }, ':sha256': { S: sha256 } },
    }),
  );
}
