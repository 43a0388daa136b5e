import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { toCallError } from '@data-aggregator/shared-processing/errors';
import { systemClock, withRetries } from '@data-aggregator/shared-processing/retry';
import {
  createLedgerTable,
  createPublications,
  type LedgerTable,
  type Publications,
} from '@data-aggregator/shared-processing/ledger';
import {
  createObjectListing,
  createObjectStore,
  createS3Client,
  type ObjectListing,
  type ObjectStore,
} from '@data-aggregator/shared-processing/s3';
import { clientAccess } from '@data-aggregator/shared-processing/aws-http';
import { createQueueSender, createSendBatch, type QueueSender } from '@data-aggregator/shared-processing/sqs';
import { createDeadLetters, type DeadLetters, joinDeadLetters } from '../quarantine/dead-letters.ts';
import { findResources, type Resources } from './resources.ts';
import { pointAt, type TargetOptions } from './target.ts';

/** Clients and names of one environment. */
export interface Connection {
  clock: typeof systemClock;
  random: () => number;
  region: string;
  resources: Resources;
  lambda: LambdaClient;
  store: ObjectStore;
  listing: ObjectListing;
  table: LedgerTable;
  publications: Publications;
  queue: QueueSender;
  /** Messages that wait in the aggregator's queue; SQS's figure is up to a minute old. @throws CallError */
  backlog: () => Promise<number>;
  deadLetters: DeadLetters;
  /** Maximum number of concurrent reads. */
  maxConcurrentReads: number;
}

const CONCURRENCY = 16;

/** @throws OpsError */
export async function connect(
  options: TargetOptions,
  env: Record<string, string | undefined>,
  note: (sentence: string) => void,
): Promise<Connection> {
  pointAt(options, env);
  const rules = { clock: systemClock, random: Math.random };
  // A function may take minutes to respond, and a retry meanwhile would invoke it twice.
  const lambda = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: 0 } });
  const resources = await findResources(options.env, lambda);
  const s3 = createS3Client({ maxSockets: CONCURRENCY });
  const store = createObjectStore(s3);
  // `withRetries` makes the retries.
  const sqs = new SQSClient({ maxAttempts: 1 });
  const dynamo = new DynamoDBClient({});
  // Credentials may come from a profile, which only the SDK can read.
  const table = createLedgerTable(resources.ledger, {
    maxSockets: CONCURRENCY,
    access: clientAccess(dynamo, new ListTablesCommand({}), (command) => dynamo.send(command)),
  });
  const queueAccess = clientAccess(sqs, new ListQueuesCommand({}), (command) => sqs.send(command));
  return {
    ...rules,
    region: await s3.config.region(),
    resources,
    lambda,
    store,
    listing: createObjectListing(s3),
    table,
    publications: createPublications(store, resources.buckets, rules),
    queue: createQueueSender(createSendBatch(resources.queueUrl, queueAccess), {
      ...rules,
      onError: (error) => note(`Sending a batch failed: ${(error as Error).message}`),
    }),
    backlog: () => withRetries(() => readBacklog(sqs, resources.queueUrl), rules),
    deadLetters: joinDeadLetters(
      resources.deadLettersUrls.map((queueUrl) => createDeadLetters(sqs, queueUrl, rules)),
    ),
    maxConcurrentReads: CONCURRENCY,
  };
}

async function readBacklog(sqs: SQSClient, queueUrl: string): Promise<number> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
  const { Attributes } = await sqs.send(command).catch((error: unknown) => {
    throw toCallError('GetQueueAttributes', error);
  });
  return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
}
