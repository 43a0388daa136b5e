import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { isTaken, type LandedObject, landedObjects, type SqsEvent, startBundle } from './bundle.ts';

/*
 * What a good engineer writes in a day: SDK clients, tar-stream and zlib at its default level, a conditional ledger write
 * for each file, and ten files at a time. It writes no manifest, and it loses its files if it dies after the ledger writes.
 */
const CONCURRENCY = 10;

const s3 = new S3Client({});
const dynamo = new DynamoDBClient({});

export async function handler(event: SqsEvent) {
  const bundle = startBundle(6);
  const objects = landedObjects(event);
  for (let from = 0; from < objects.length; from += CONCURRENCY) {
    const files = await Promise.all(objects.slice(from, from + CONCURRENCY).map(read));
    for (const file of files) if (file) await bundle.add(file.name, file.content, file.mtime);
  }
  const Key = `bundles/${crypto.randomUUID()}.tar.gz`;
  await s3.send(
    new PutObjectCommand({
      Bucket: process.env['DISTRIBUTION_BUCKET'],
      Key,
      Body: await bundle.end(),
      IfNoneMatch: '*',
    }),
  );
  return { batchItemFailures: [] };
}

/** Claims a file, and reads it. Returns undefined if it is claimed already. */
async function read({ id, Bucket, Key, VersionId }: LandedObject) {
  try {
    await dynamo.send(
      new PutItemCommand({
        TableName: process.env['LEDGER_TABLE'],
        Item: { id: { S: id }, expires: { N: '1795338000' } },
        ConditionExpression: 'attribute_not_exists(id)',
      }),
    );
  } catch (error) {
    if (isTaken(error)) return undefined;
    throw error;
  }
  const { Body, LastModified } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  if (!Body) throw new Error(`${Key} has no body`);
  return { name: Key, content: await Body.transformToByteArray(), mtime: LastModified };
}
