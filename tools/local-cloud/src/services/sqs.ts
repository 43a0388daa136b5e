import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { ApiError } from '../apis/api.ts';
import type { QueueModel } from '../assembly/model.ts';
import { sqsError } from '../gateway/answer.ts';
import {
  createMessageQueue,
  standardInFlightLimit,
  type Depth,
  type MessageQueue,
} from './sqs/message-queue.ts';
import { sqsOperations, withDefaults, type NamedQueue } from './sqs/operations.ts';

/** An answer of the queue service, as it goes to the client. */
export interface SqsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The queues, in memory. */
export interface Sqs {
  /** Performs one operation of the JSON protocol, such as `SendMessage`, with the request's JSON. */
  readonly call: (operation: string, body: string) => Promise<SqsAnswer>;
  /** The same with objects. @throws ApiError when the service refuses */
  readonly perform: (operation: string, input: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** By queue name. */
  readonly depths: () => ReadonlyMap<string, Depth>;
  /**
   * Since when the oldest message that `ApproximateAgeOfOldestMessage` counts has been in a queue, ms since the epoch;
   * undefined where there is none.
   */
  readonly oldestSince: (queueName: string) => number | undefined;
  /** Ends long polls. */
  readonly close: () => void;
}

export interface SqsOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Messages in flight per queue at most; default 120,000. */
  readonly inFlightLimit?: number;
}

/** Makes the queues. */
export function createSqs(
  models: readonly QueueModel[],
  { now = Date.now, inFlightLimit = standardInFlightLimit }: SqsOptions = {},
): Sqs {
  const byArn = new Map<string, MessageQueue>();
  const queues = models.map(({ name, arn, url, attributes: given }): NamedQueue => {
    const attributes = withDefaults(given);
    const queue = createMessageQueue(
      {
        name,
        arn,
        visibilitySeconds: Number(attributes.VisibilityTimeout),
        retentionSeconds: Number(attributes.MessageRetentionPeriod),
        delaySeconds: Number(attributes.DelaySeconds),
        redrive: redriveOf(attributes['RedrivePolicy']),
      },
      { now, inFlightLimit, queueOf: (other) => byArn.get(other) },
    );
    byArn.set(arn, queue);
    return { name, arn, url, attributes, queue, createdAt: now() };
  });
  const operations = sqsOperations(queues);

  async function perform(name: string, input: unknown): Promise<object> {
    const operation = operations.get(name);
    if (!operation) throw new ApiError('NotImplemented', `${name} is not done by the local cloud.`, 501);
    return operation(input);
  }

  return {
    perform,
    call: async (operation, body) => {
      try {
        const answer = await perform(operation, JSON.parse(body));
        return {
          status: 200,
          headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': randomUUID() },
          body: JSON.stringify(answer),
        };
      } catch (error) {
        if (error instanceof ApiError) return sqsError(error.status, error.code, error.message);
        throw error;
      }
    },
    depths: () => new Map(queues.map(({ name, queue }) => [name, queue.depth()])),
    oldestSince: (queueName) => queues.find(({ name }) => name === queueName)?.queue.oldestSince(),
    close: () => queues.forEach(({ queue }) => queue.close()),
  };
}

const redrivePolicy = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ deadLetterTargetArn: v.string(), maxReceiveCount: v.number() }),
);

function redriveOf(policy: string | undefined) {
  if (policy === undefined) return undefined;
  const { deadLetterTargetArn: deadLetterArn, maxReceiveCount } = v.parse(redrivePolicy, policy);
  return { deadLetterArn, maxReceiveCount };
}
