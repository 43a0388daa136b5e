import { BUNDLE_PREFIX, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { Context } from '../app/component.ts';
import type { Environment } from '../environments/environment.ts';
import { arn, constructId, deadLettersName, queueName, READY } from '../conventions/names.ts';
import { applyRemovalPolicy } from '../conventions/removal-policy.ts';
import { tagResource } from '../conventions/tags.ts';
import { UserError } from '../user-error.ts';
import type { QueuePair } from './queues.ts';
import type { Route } from './routes.ts';

const DAY = 24 * 60 * 60;

/** Seconds that a message stays hidden if its consumer dies. A consumer that needs longer for a bundle extends it. */
const VISIBILITY_SECONDS = 120;

/**
 * A message that no consumer can process becomes a dead letter after three hours at the earliest. Its bundle is not lost:
 * a listing still finds it.
 */
const MAX_RECEIVES = 100;

/**
 * The queue that tells the consumer about new bundles, and its dead-letter queue. Its retention need not cover a consumer that is
 * down for longer, because a listing finds the bundles then.
 *
 * @returns undefined if the environment has no ready queue
 * @throws UserError if a function has its name
 */
export function readyQueue({ scope, environment, functions }: Context): QueuePair | undefined {
  if (!environment.readyQueue) return undefined;
  if (functions.some(({ manifest }) => manifest.name === READY)) {
    throw new UserError(`A function cannot be called "${READY}": that is the queue of the consumer.`);
  }
  const { deadLetterDays, sourceQueueDays } = environment.retention;
  const deadLetters = new CfnQueue(scope, constructId(`${READY}-dead-letters`), {
    queueName: deadLettersName(environment.name, READY),
    messageRetentionPeriod: deadLetterDays * DAY,
    sqsManagedSseEnabled: true,
    redriveAllowPolicy: {
      redrivePermission: 'byQueue',
      sourceQueueArns: [arn('sqs', queueName(environment.name, READY))],
    },
  });
  const source = new CfnQueue(scope, constructId(`${READY}-queue`), {
    queueName: queueName(environment.name, READY),
    messageRetentionPeriod: sourceQueueDays * DAY,
    visibilityTimeout: VISIBILITY_SECONDS,
    receiveMessageWaitTimeSeconds: 20,
    sqsManagedSseEnabled: true,
    redrivePolicy: { deadLetterTargetArn: deadLetters.attrArn, maxReceiveCount: MAX_RECEIVES },
  });
  for (const queue of [deadLetters, source]) applyRemovalPolicy(queue, environment);
  tagResource(deadLetters, `${READY}.dead-letters`);
  tagResource(source, `${READY}.queue`);
  return { of: READY, source, deadLetters };
}

/** The routes of new and replayed bundles to the ready queue. */
export function readyRoutes({ readyQueue }: Environment): Route[] {
  if (!readyQueue) return [];
  return [BUNDLE_PREFIX, REPLAY_PREFIX].map((prefix) => {
    const filter = { prefix, suffix: '' };
    return { bucket: 'distribution', ...filter, listeners: [{ name: READY, ...filter }] };
  });
}
