import * as v from 'valibot';
import { ApiError, pageOf } from '../../apis/api.ts';
import { accountId } from '../../assembly/identity.ts';
import { performBatch } from './batch.ts';
import type { MessageQueue, Receipt } from './message-queue.ts';
import {
  md5OfAttributes,
  messageAttribute,
  sizeOf,
  type MessageAttributes,
  type NewMessage,
} from './message.ts';

/** A queue with the attributes that it was created with. */
export interface NamedQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly queue: MessageQueue;
  /** Those of CreateQueue, with their defaults. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Creates and deletes queues. */
export interface QueueRegistry {
  readonly all: () => readonly NamedQueue[];
  readonly create: (queue: Pick<NamedQueue, 'name' | 'attributes' | 'tags'>) => NamedQueue;
  readonly remove: (queue: NamedQueue) => void;
}

/** Performs an operation. @param input its members, as the API names them @throws ApiError */
export type SqsOperation = (input: unknown) => object | Promise<object>;

/** "Amazon SQS message quotas" (Amazon SQS Developer Guide): of a message, and of a batch together. */
const maxMessageBytes = 1_048_576;
const maxDelaySeconds = 900;
const maxVisibilitySeconds = 43_200;
const maxWaitSeconds = 20;

const between = (from: number, to: number) =>
  v.pipe(
    v.number(),
    v.check((value) => value >= from && value <= to, `Must be between ${from} and ${to}.`),
  );
const wholeBetween = (from: number, to: number) =>
  v.pipe(between(from, to), v.integer('Must be an integer.'));

const onQueue = { QueueUrl: v.string() };
const names = v.optional(v.array(v.string()), []);
const attributes = v.optional(v.record(v.string(), messageAttribute), {});
const content = {
  MessageBody: v.pipe(v.string(), v.minLength(1, 'The message must not be empty.')),
  DelaySeconds: v.optional(wholeBetween(0, maxDelaySeconds)),
  MessageAttributes: attributes,
  MessageSystemAttributes: v.optional(v.strictObject({ AWSTraceHeader: v.optional(messageAttribute) })),
  /** Standard queues use it for fairness between groups, which has no effect here. */
  MessageGroupId: v.optional(v.string()),
};
const handle = { ReceiptHandle: v.string() };
const visibility = { ...handle, VisibilityTimeout: wholeBetween(0, maxVisibilitySeconds) };

const queueOnly = v.strictObject(onQueue);
/** "CreateQueue" (Amazon SQS API Reference). FIFO queues are not supported. */
const created = v.strictObject({
  QueueName: v.pipe(
    v.string(),
    v.regex(/^[\w-]{1,80}$/, 'Can only include alphanumeric characters, hyphens, or underscores.'),
  ),
  Attributes: v.optional(
    v.strictObject({
      VisibilityTimeout: v.optional(v.string()),
      MessageRetentionPeriod: v.optional(v.string()),
      MaximumMessageSize: v.optional(v.string()),
      DelaySeconds: v.optional(v.string()),
      ReceiveMessageWaitTimeSeconds: v.optional(v.string()),
      Policy: v.optional(v.string()),
      RedrivePolicy: v.optional(v.string()),
    }),
    {},
  ),
  tags: v.optional(v.record(v.string(), v.string()), {}),
});
const named = v.strictObject({ QueueName: v.string(), QueueOwnerAWSAccountId: v.optional(v.string()) });
const listed = v.strictObject({
  QueueNamePrefix: v.optional(v.string(), ''),
  MaxResults: v.optional(wholeBetween(1, 1000), 1000),
  NextToken: v.optional(v.string()),
});
const described = v.strictObject({ ...onQueue, AttributeNames: names });
const sent = v.strictObject({ ...onQueue, ...content });
const sentEntry = v.strictObject(content);
const deleted = v.strictObject({ ...onQueue, ...handle });
const deletedEntry = v.strictObject(handle);
const changed = v.strictObject({ ...onQueue, ...visibility });
const changedEntry = v.strictObject(visibility);
const batch = v.strictObject({ ...onQueue, Entries: v.optional(v.array(v.unknown()), []) });
const received = v.strictObject({
  ...onQueue,
  MaxNumberOfMessages: v.optional(wholeBetween(1, 10), 1),
  VisibilityTimeout: v.optional(wholeBetween(0, maxVisibilitySeconds)),
  /** Event source mappings wait for fractions of a second. */
  WaitTimeSeconds: v.optional(between(0, maxWaitSeconds)),
  AttributeNames: names,
  MessageSystemAttributeNames: names,
  MessageAttributeNames: names,
});

/** @throws ApiError */
function parse<const S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const member = v.getDotPath(issue) ?? 'the input';
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    throw new ApiError('NotImplemented', `${member} is not supported by the local cloud.`, 501);
  }
  if (issue.received === 'undefined') {
    throw new ApiError('MissingParameter', `The request must contain the parameter ${member}.`);
  }
  throw new ApiError(
    'InvalidParameterValue',
    `Value ${String(issue.input)} for parameter ${member} is invalid. Reason: ${issue.message}`,
  );
}

/** Source: "SendMessage" (Amazon SQS API Reference). */
const notAllowed = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** @throws ApiError */
function messageOf(input: v.InferOutput<typeof sentEntry>, maxBytes: number): NewMessage {
  const message: NewMessage = {
    body: input.MessageBody,
    attributes: input.MessageAttributes,
    traceHeader: input.MessageSystemAttributes?.AWSTraceHeader?.StringValue,
    groupId: input.MessageGroupId,
  };
  if (notAllowed.test(message.body)) {
    throw new ApiError('InvalidMessageContents', 'The message contains characters outside the allowed set.');
  }
  if (sizeOf(message) > maxBytes) {
    const reason = `Message must be shorter than ${maxBytes} bytes.`;
    throw new ApiError('InvalidParameterValue', `One or more parameters are invalid. Reason: ${reason}`);
  }
  return message;
}

const defaults = {
  VisibilityTimeout: '30',
  MaximumMessageSize: String(maxMessageBytes),
  MessageRetentionPeriod: '345600',
  DelaySeconds: '0',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
};

/** Attributes of a queue, with the defaults of "CreateQueue" (Amazon SQS API Reference). */
export function withDefaults(
  given: Readonly<Record<string, string>>,
): typeof defaults & Record<string, string> {
  return { ...defaults, ...given };
}

/** The operations of the queue service on queues and messages, by name. */
export function sqsOperations(registry: QueueRegistry): ReadonlyMap<string, SqsOperation> {
  function queueNamed(name: string): NamedQueue {
    const queue = registry.all().find((candidate) => candidate.name === name);
    if (!queue) throw new ApiError('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }
  const queueAt = (url: string) => queueNamed(url.replace(/\/+$/, '').split('/').at(-1) ?? '');

  function send({ queue, attributes: { MaximumMessageSize } }: NamedQueue, entry: object): object {
    const input = parse(sentEntry, entry);
    const message = queue.send(messageOf(input, Number(MaximumMessageSize)), input.DelaySeconds);
    return {
      MessageId: message.id,
      MD5OfMessageBody: message.bodyMd5,
      MD5OfMessageAttributes: md5OfAttributes(message.attributes),
    };
  }

  function changeVisibility({ queue }: NamedQueue, entry: object): object {
    const { ReceiptHandle, VisibilityTimeout } = parse(changedEntry, entry);
    queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
    return {};
  }

  function remove({ queue }: NamedQueue, entry: object): object {
    queue.remove(parse(deletedEntry, entry).ReceiptHandle);
    return {};
  }

  /** @throws ApiError */
  function checkBatchSize(entries: readonly unknown[]): void {
    const bytes = entries.reduce<number>((sum, entry) => {
      const parsed = v.safeParse(
        v.looseObject({ MessageBody: v.string(), MessageAttributes: attributes }),
        entry,
      );
      if (!parsed.success) return sum;
      return sum + sizeOf({ body: parsed.output.MessageBody, attributes: parsed.output.MessageAttributes });
    }, 0);
    if (bytes > maxMessageBytes) {
      const reason = `Batch requests cannot be longer than ${maxMessageBytes} bytes. You have sent ${bytes} bytes.`;
      throw new ApiError('BatchRequestTooLong', reason);
    }
  }

  const perform =
    <const S extends v.GenericSchema>(
      schema: S,
      work: (input: v.InferOutput<S>) => object | Promise<object>,
    ): SqsOperation =>
    (input) =>
      work(parse(schema, input));

  return new Map<string, SqsOperation>(
    Object.entries({
      CreateQueue: perform(created, ({ QueueName: name, Attributes, tags }) => {
        const given = Object.entries(Attributes).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        );
        const existing = registry.all().find((queue) => queue.name === name);
        if (existing?.attributes && given.some(([key, value]) => existing.attributes[key] !== value)) {
          const reason = `A queue already exists with the same name and a different value for an attribute: ${name}.`;
          throw new ApiError('QueueNameExists', reason);
        }
        const queue = existing ?? registry.create({ name, attributes: Object.fromEntries(given), tags });
        return { QueueUrl: queue.url };
      }),
      DeleteQueue: perform(queueOnly, ({ QueueUrl }) => {
        registry.remove(queueAt(QueueUrl));
        return {};
      }),
      GetQueueUrl: perform(named, ({ QueueName }) => ({ QueueUrl: queueNamed(QueueName).url })),
      ListQueues: perform(listed, ({ QueueNamePrefix, MaxResults, NextToken }) => {
        const urls = registry
          .all()
          .filter(({ name }) => name.startsWith(QueueNamePrefix))
          .map(({ url }) => url);
        const { page, ...rest } = pageOf(urls.sort(), MaxResults, NextToken, 'InvalidParameterValue');
        return { QueueUrls: page, ...rest };
      }),
      ListQueueTags: perform(queueOnly, ({ QueueUrl }) => {
        const { tags } = queueAt(QueueUrl);
        return Object.keys(tags).length === 0 ? {} : { Tags: tags };
      }),
      PurgeQueue: perform(queueOnly, ({ QueueUrl }) => {
        queueAt(QueueUrl).queue.purge();
        return {};
      }),
      GetQueueAttributes: perform(described, ({ QueueUrl, AttributeNames }) =>
        describe(queueAt(QueueUrl), AttributeNames),
      ),
      SendMessage: perform(sent, ({ QueueUrl, ...entry }) => send(queueAt(QueueUrl), entry)),
      SendMessageBatch: perform(batch, ({ QueueUrl, Entries }) => {
        const queue = queueAt(QueueUrl);
        checkBatchSize(Entries);
        return performBatch(Entries, (entry) => send(queue, entry));
      }),
      ReceiveMessage: perform(received, (input) => receive(queueAt(input.QueueUrl), input)),
      DeleteMessage: perform(deleted, ({ QueueUrl, ...entry }) => remove(queueAt(QueueUrl), entry)),
      DeleteMessageBatch: perform(batch, ({ QueueUrl, Entries }) => {
        const queue = queueAt(QueueUrl);
        return performBatch(Entries, (entry) => remove(queue, entry));
      }),
      ChangeMessageVisibility: perform(changed, ({ QueueUrl, ...entry }) =>
        changeVisibility(queueAt(QueueUrl), entry),
      ),
      ChangeMessageVisibilityBatch: perform(batch, ({ QueueUrl, Entries }) => {
        const queue = queueAt(QueueUrl);
        return performBatch(Entries, (entry) => changeVisibility(queue, entry));
      }),
    }),
  );
}

/** @throws ApiError */
function describe(
  { arn, queue, attributes: given, createdAt }: NamedQueue,
  asked: readonly string[],
): object {
  const { visible, inFlight, delayed } = queue.depth();
  const created = String(Math.floor(createdAt / 1000));
  const all: Readonly<Record<string, string>> = {
    ...given,
    QueueArn: arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: created,
    LastModifiedTimestamp: created,
  };
  if (asked.includes('All')) return { Attributes: all };
  const Attributes: Record<string, string> = {};
  for (const name of asked) {
    if (!queueAttributeNames.has(name)) {
      throw new ApiError('InvalidAttributeName', `Unknown Attribute ${name}.`);
    }
    const value = all[name];
    if (value !== undefined) Attributes[name] = value;
  }
  return { Attributes };
}

/** Source: "GetQueueAttributes" (Amazon SQS API Reference). */
const queueAttributeNames: ReadonlySet<string> = new Set([
  ...Object.keys(defaults),
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
  'CreatedTimestamp',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'LastModifiedTimestamp',
  'Policy',
  'QueueArn',
  'RedriveAllowPolicy',
  'RedrivePolicy',
]);

async function receive(
  { queue, attributes: { ReceiveMessageWaitTimeSeconds } }: NamedQueue,
  input: v.InferOutput<typeof received>,
): Promise<object> {
  const waitSeconds = input.WaitTimeSeconds ?? Number(ReceiveMessageWaitTimeSeconds);
  const receipts = await queue.receive({
    max: input.MaxNumberOfMessages,
    visibilitySeconds: input.VisibilityTimeout,
    waitMs: waitSeconds * 1000,
  });
  if (receipts.length === 0) return {};
  const asked = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
  return { Messages: receipts.map((receipt) => toMessage(receipt, asked, input.MessageAttributeNames)) };
}

function toMessage(
  { message, handle: ReceiptHandle }: Receipt,
  systemNames: readonly string[],
  attributeNames: readonly string[],
): object {
  const system = Object.entries({
    SenderId: accountId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    MessageGroupId: message.groupId,
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSource,
  }).filter(
    ([name, value]) => value !== undefined && (systemNames.includes('All') || systemNames.includes(name)),
  );
  const asked = selected(message.attributes, attributeNames);
  const hasAttributes = Object.keys(asked).length > 0;
  return {
    MessageId: message.id,
    ReceiptHandle,
    Body: message.body,
    MD5OfBody: message.bodyMd5,
    ...(system.length > 0 && { Attributes: Object.fromEntries(system) }),
    ...(hasAttributes && { MessageAttributes: asked, MD5OfMessageAttributes: md5OfAttributes(asked) }),
  };
}

/** Attributes by their names, or by the beginnings of names, such as `trace.*`; `All` and `.*` are all of them. */
function selected(all: MessageAttributes, asked: readonly string[]): MessageAttributes {
  const isAsked = (name: string) =>
    asked.some(
      (one) =>
        one === 'All' ||
        one === '.*' ||
        one === name ||
        (one.endsWith('.*') && name.startsWith(one.slice(0, -1))),
    );
  return Object.fromEntries(Object.entries(all).filter(([name]) => isAsked(name)));
}
