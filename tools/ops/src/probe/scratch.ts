import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTableCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  AbortMultipartUploadCommand,
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** Start of the names of everything that a probe creates. */
export const SCRATCH_PREFIX = 'data-aggregator-probe-';
/** Events of objects under this prefix go to the queue `events`. */
export const NOTIFIED_PREFIX = 'notified/';

const TAGS = { purpose: 'data-aggregator-probe' };
const MAX_VISIBILITY = '30';

export interface ScratchNames {
  bucket: string;
  table: string;
  queues: { events: string; work: string; dead: string };
}

export interface ScratchClients {
  s3: S3Client;
  sqs: SQSClient;
  dynamo: DynamoDBClient;
}

/** @param suffix random lower-case letters and digits */
export function scratchNames(suffix: string): ScratchNames {
  const name = `${SCRATCH_PREFIX}${suffix}`;
  const queues = { events: `${name}-events`, work: `${name}-work`, dead: `${name}-dead` };
  return { bucket: name, table: name, queues };
}

/** Creates the bucket, the queues and the table. What was created remains if a later step fails. */
export async function createScratch(
  names: ScratchNames,
  clients: ScratchClients,
  note: (sentence: string) => void,
): Promise<{ events: string; work: string; dead: string }> {
  note(`Creating the bucket, the table and the queues ${names.bucket}…`);
  const creations = [createQueues(names, clients), createTable(names.table, clients)] as const;
  // Wait for both, so that nothing is created after its removal.
  await Promise.allSettled(creations);
  const [queueUrls] = await Promise.all(creations);
  await createBucket(names, queueUrls.eventsArn, clients);
  return queueUrls;
}

async function createQueues({ bucket, queues }: ScratchNames, { sqs }: ScratchClients) {
  const create = async (QueueName: string, Attributes: Record<string, string> = {}) => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes, tags: TAGS }));
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
    const { Attributes: found } = await sqs.send(asked);
    return { url: QueueUrl, arn: found?.QueueArn ?? '' };
  };
  const dead = await create(queues.dead);
  const work = await create(queues.work, {
    VisibilityTimeout: MAX_VISIBILITY,
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 3 }),
  });
  // The policy names the queue's own ARN, which follows from that of the other queue.
  const eventsArn = dead.arn.replace(queues.dead, queues.events);
  const [, , , , account = ''] = dead.arn.split(':');
  const events = await create(queues.events, {
    VisibilityTimeout: MAX_VISIBILITY,
    Policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 's3.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: eventsArn,
          Condition: {
            ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::${bucket}` },
            StringEquals: { 'aws:SourceAccount': account },
          },
        },
      ],
    }),
  });
  return { events: events.url, work: work.url, dead: dead.url, eventsArn };
}

async function createTable(TableName: string, { dynamo }: ScratchClients): Promise<void> {
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      Tags: Object.entries(TAGS).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 120, minDelay: 1, maxDelay: 3 }, { TableName });
  const TimeToLiveSpecification = { AttributeName: 'expires', Enabled: true };
  await dynamo.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
}

async function createBucket(
  { bucket: Bucket }: ScratchNames,
  QueueArn: string,
  { s3 }: ScratchClients,
): Promise<void> {
  const region = await s3.config.region();
  const LocationConstraint = region as BucketLocationConstraint;
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      // us-east-1 is the default, and is refused as a constraint.
      ...(region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint } }),
    }),
  );
  const TagSet = Object.entries(TAGS).map(([Key, Value]) => ({ Key, Value }));
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const FilterRules = [{ Name: 'prefix' as const, Value: NOTIFIED_PREFIX }];
  const notify = new PutBucketNotificationConfigurationCommand({
    Bucket,
    NotificationConfiguration: {
      QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'], Filter: { Key: { FilterRules } } }],
    },
  });
  // S3 sends a test message, and the queue's policy may not be in force yet.
  await patiently(() => s3.send(notify));
  // "It might take a short amount of time" until a bucket keeps versions (Amazon S3 User Guide).
  await patiently(async () => {
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: 'first' }));
    if (VersionId === undefined) throw new Error(`${Bucket} does not keep versions yet`);
  });
}

const ATTEMPTS = 10;
const PAUSE_MS = 3_000;

/** Repeats what AWS may refuse shortly after a resource was created. */
async function patiently(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** A resource that could not be removed. */
export interface Leftover {
  resource: string;
  why: string;
}

/** Errors that mean that a resource does not exist. */
const ABSENT = new Set([
  'AWS.SimpleQueueService.NonExistentQueue',
  'NoSuchBucket',
  'QueueDoesNotExist',
  'ResourceNotFoundException',
]);

/**
 * Removes everything that `createScratch` may have created, by name: also what was created by a call without a response.
 *
 * @returns what could not be removed
 */
export async function removeScratch(names: ScratchNames, clients: ScratchClients): Promise<Leftover[]> {
  const { s3, sqs, dynamo } = clients;
  const leftovers: Leftover[] = [];
  const remove = async (resource: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      if (error instanceof Error && ABSENT.has(error.name)) return;
      leftovers.push({ resource, why: error instanceof Error ? error.message : String(error) });
    }
  };
  await Promise.all([
    remove(`the bucket ${names.bucket}`, () => removeBucket(names.bucket, s3)),
    remove(`the table ${names.table}`, () => dynamo.send(new DeleteTableCommand({ TableName: names.table }))),
    ...Object.values(names.queues).map((name) =>
      remove(`the queue ${name}`, async () => {
        const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
        await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      }),
    ),
  ]);
  return leftovers;
}

async function removeBucket(Bucket: string, s3: S3Client): Promise<void> {
  // A request that was cut may take effect while the bucket is emptied.
  for (let attempt = 1; ; attempt++) {
    await emptyBucket(Bucket, s3);
    try {
      await s3.send(new DeleteBucketCommand({ Bucket }));
      return;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'BucketNotEmpty' || attempt === 3) throw error;
    }
  }
}

async function emptyBucket(Bucket: string, s3: S3Client): Promise<void> {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  for (const { Key, UploadId } of Uploads) {
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch((error: unknown) => {
      // The check that was interrupted has ended it in the meantime.
      if (!(error instanceof Error) || error.name !== 'NoSuchUpload') throw error;
    });
  }
  let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (marker) {
    const page: Awaited<ReturnType<typeof listPage>> = await listPage(Bucket, marker, s3);
    const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    await Promise.all(
      versions.map(({ Key, VersionId }) => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))),
    );
    marker = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      : undefined;
  }
}

function listPage(Bucket: string, marker: object, s3: S3Client) {
  return s3.send(new ListObjectVersionsCommand({ Bucket, ...marker }));
}
