import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const s3 = new S3Client({ forcePathStyle: true });
const sqs = new SQSClient({});
const dynamodb = new DynamoDBClient({});

const calls = {
  get: ({ bucket, key }) => s3.send(new GetObjectCommand({ Bucket: bucket, Key: key })),
  put: ({ bucket, key }) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'x' })),
  send: ({ url }) => sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: '{}' })),
  item: ({ table }) => dynamodb.send(new GetItemCommand({ TableName: table, Key: { id: { S: '1' } } })),
};

/** Makes one call with the function's own credentials and returns the outcome. */
export async function handler(event) {
  try {
    await calls[event.call](event);
    return 'done';
  } catch (error) {
    return { name: error.name, status: error.$metadata?.httpStatusCode, message: error.message };
  }
}
