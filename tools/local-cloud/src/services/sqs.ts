import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { ApiError } from '../apis/api.ts';
import { queueArn, queueUrl, type Place } from '../assembly/identity.ts';
import type { QueueModel } from '../assembly/model.ts';
import { type Answer, jsonError } from '../gateway/answer.ts';
import {
  createMessageQueue,
  standardInFlightLimit,
  type Depth,
  type MessageQueue,
} from './sqs/message-queue.ts';
import { sqsOperations, withDefaults, type NamedQueue } from './sqs/operations.ts';

/** The queues, in memory. */
export interface Sqs {
  /** Performs one operation of the JSON protocol, such as `SendMessage`, with the request's JSON. */
  readonly call: (operation: string, body: string) => Promise<Answer>;
  /** The same with objects. @throws ApiError if the service refuses the call */
  readonly perform: (operation: string, input: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** The URL of a queue; undefined if there is none with this ARN. */
  readonly urlOf: (arn: string) => string | undefined;
  /** By queue name. */
  readonly depths: () => ReadonlyMap<string, Depth>;
  /**
   * When the oldest message that `ApproximateAgeOfOldestMessage` counts was sent to a queue, in milliseconds since the epoch;
   * undefined if there is none.
   */
  readonly oldestSince: (queueName: string) => number | undefined;
  /** Ends long polls. */
  readonly close: () => void;
}

export interface SqsOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Maximum number of messages in flight per queue; default 120,000. */
  readonly inFlightLimit?: number;
  /** Where queues that a client creates are. */
  readonly place?: Place;
  /** Called when a client creates a queue, with its policy, and when it deletes one. */
  readonly onPolicy?: (arn: string, policy: string | undefined) => void;
}

/** Creates the queues. */
export function createSqs(
  models: readonly QueueModel[],
  { now = Date.now, inFlightLimit = standardInFlightLimit, place, onPolicy }: SqsOptions = {},
): Sqs {
  const byArn = new Map<string, MessageQueue>();
  const add = (
    { name, arn, url, attributes: given }: Pick<QueueModel, 'name' | 'arn' | 'url' | 'attributes'>,
    tags: NamedQueue['tags'] = {},
  ): NamedQueue => {
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
    return { name, arn, url, attributes, tags, queue, createdAt: now() };
  };
  let queues = models.map((model) => add(model));
  const operations = sqsOperations({
    all: () => queues,
    create({ name, attributes, tags }) {
      if (!place) throw new ApiError('NotImplemented', 'These queues have no place for further ones.', 501);
      const queue = add({ name, arn: queueArn(name, place), url: queueUrl(name, place), attributes }, tags);
      queues = [...queues, queue];
      onPolicy?.(queue.arn, attributes['Policy']);
      return queue;
    },
    remove(queue) {
      queues = queues.filter((other) => other !== queue);
      byArn.delete(queue.arn);
      queue.queue.close();
      onPolicy?.(queue.arn, undefined);
    },
  });

  async function perform(name: string, input: unknown): Promise<object> {
    const operation = operations.get(name);
    if (!operation) throw new ApiError('NotImplemented', `${name} is not supported by the local cloud.`, 501);
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
    urlOf: (arn) => queues.find((queue) => queue.arn === arn)?.url,
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

/** Errors of SQS that its older protocol calls `AWS.SimpleQueueService.` and a name. */
const olderNames: ReadonlyMap<string, string> = new Map([
  ...[
    'BatchEntryIdsNotDistinct',
    'BatchRequestTooLong',
    'EmptyBatchRequest',
    'InvalidBatchEntryId',
    'MessageNotInflight',
    'TooManyEntriesInBatchRequest',
    'UnsupportedOperation',
  ].map((code) => [code, code] as const),
  ['QueueDoesNotExist', 'NonExistentQueue'],
]);

/** An error response of SQS, which adds the error code of its older protocol. */
export function sqsError(status: number, code: string, message: string): Answer {
  const answer = jsonError(status, `com.amazonaws.sqs#${code}`, message);
  const fault = status >= 500 ? 'Receiver' : 'Sender';
  const older = olderNames.get(code);
  const queryCode = older === undefined ? code : `AWS.SimpleQueueService.${older}`;
  const { 'x-amzn-errortype': _notSent, ...headers } = answer.headers;
  return { ...answer, headers: { ...headers, 'x-amzn-query-error': `${queryCode};${fault}` } };
}
