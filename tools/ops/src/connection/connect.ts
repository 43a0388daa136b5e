import { LambdaClient } from '@aws-sdk/client-lambda';
import { systemClock } from '@data-aggregator/shared-processing/calls';
import {
  createDynamoClient,
  createLedgerTable,
  createPublications,
  type LedgerTable,
  type Publications,
} from '@data-aggregator/shared-processing/ledger';
import { createObjectListing, type ObjectListing } from '@data-aggregator/shared-processing/listing';
import { createObjectStore, createS3Client, type ObjectStore } from '@data-aggregator/shared-processing/s3';
import {
  createQueueSender,
  createSendBatch,
  createSqsClient,
  type QueueSender,
} from '@data-aggregator/shared-processing/sqs';
import { createDeadLetters, type DeadLetters } from '../quarantine/dead-letters.ts';
import { findResources, type Resources } from './resources.ts';
import { pointAt, type TargetOptions } from './target.ts';

/** An environment, as commands work with it. */
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
  /** Questions on their way at once. */
  mostReadsAtOnce: number;
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
  // A function may work for minutes before it answers, and must not be asked twice meanwhile.
  const lambda = new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: 0 } });
  const resources = await findResources(options.env, lambda);
  const s3 = createS3Client({ maxSockets: CONCURRENCY });
  const store = createObjectStore(s3);
  const sqs = createSqsClient();
  const table = createLedgerTable(createDynamoClient({ maxSockets: CONCURRENCY }), resources.ledger);
  return {
    ...rules,
    resources,
    lambda,
    store,
    listing: createObjectListing(s3),
    table,
    publications: createPublications(store, resources.buckets, rules),
    queue: createQueueSender(createSendBatch(sqs, resources.queueUrl), {
      ...rules,
      onError: (error) => note(`A batch was not sent: ${(error as Error).message}`),
    }),
    deadLetters: createDeadLetters(sqs, resources.deadLettersUrl, rules),
    mostReadsAtOnce: CONCURRENCY,
  };
}
