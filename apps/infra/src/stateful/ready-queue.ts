import type { Context } from '../app/component.ts';
import type { Environment } from '../environments/environment.ts';
import { readyQueues } from '../conventions/ready-queues.ts';
import { UserError } from '../user-error.ts';
import { type QueuePair, queuePair } from './queues.ts';
import type { Route } from './routes.ts';

/** Seconds that a message stays hidden if its consumer dies. A consumer that needs longer for a bundle extends it. */
const VISIBILITY_SECONDS = 120;

/** SQS's maximum. */
const WAIT_SECONDS = 20;

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
    return queuePair(context, name, {
      visibilitySeconds: VISIBILITY_SECONDS,
      maxReceiveCount: MAX_RECEIVES,
      waitSeconds: WAIT_SECONDS,
    });
  });
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
