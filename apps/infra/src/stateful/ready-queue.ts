import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { Context } from '../app/component.ts';
import type { Environment } from '../environments/environment.ts';
import { arn, constructId, deadLettersName, queueName } from '../conventions/names.ts';
import { readyQueues } from '../conventions/ready-queues.ts';
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
 * Creates the queues that tell consumers about new bundles, each with a dead-letter queue. Their retention need not cover a consumer
 * that is down for longer, because a listing finds the bundles then.
 *
 * @throws UserError if a function has the name of such a queue
 */
export function readyQueuePairs(context: Context): QueuePair[] {
  return readyQueues(context.environment).map(({ name }) => {
    if (context.functions.some(({ manifest }) => manifest.name === name)) {
      throw new UserError(`A function cannot be called "${name}": that is the queue of a consumer.`);
    }
    return queuePair(context, name);
  });
}

function queuePair({ scope, environment }: Context, name: string): QueuePair {
  const { deadLetterDays, sourceQueueDays } = environment.retention;
  const deadLetters = new CfnQueue(scope, constructId(`${name}-dead-letters`), {
    queueName: deadLettersName(environment.name, name),
    messageRetentionPeriod: deadLetterDays * DAY,
    sqsManagedSseEnabled: true,
    redriveAllowPolicy: {
      redrivePermission: 'byQueue',
      sourceQueueArns: [arn('sqs', queueName(environment.name, name))],
    },
  });
  const source = new CfnQueue(scope, constructId(`${name}-queue`), {
    queueName: queueName(environment.name, name),
    messageRetentionPeriod: sourceQueueDays * DAY,
    visibilityTimeout: VISIBILITY_SECONDS,
    receiveMessageWaitTimeSeconds: 20,
    sqsManagedSseEnabled: true,
    redrivePolicy: { deadLetterTargetArn: deadLetters.attrArn, maxReceiveCount: MAX_RECEIVES },
  });
  for (const queue of [deadLetters, source]) applyRemovalPolicy(queue, environment);
  tagResource(deadLetters, `${name}.dead-letters`);
  tagResource(source, `${name}.queue`);
  return { of: name, source, deadLetters };
}

/** The routes of new and replayed bundles to ready queues. */
export function readyRoutes(environment: Environment): Route[] {
  return readyQueues(environment).flatMap(({ name, prefixes }) =>
    prefixes.map((prefix) => {
      const filter = { prefix, suffix: '' };
      return { bucket: 'distribution' as const, ...filter, listeners: [{ name, ...filter, bySns: false }] };
    }),
  );
}
