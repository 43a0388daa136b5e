import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { systemClock } from '@data-aggregator/shared-processing/retry';
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
  resources: Resources;
  lambda: LambdaClient;
  store: ObjectStore;
  listing: ObjectListing;
  table: LedgerTable;
  publications: Publications;
  queue: QueueSender;
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
    deadLetters: joinDeadLetters(
      resources.deadLettersUrls.map((queueUrl) => createDeadLetters(sqs, queueUrl, rules)),
    ),
    maxConcurrentReads: CONCURRENCY,
  };
}
