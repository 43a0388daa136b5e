import * as v from 'valibot';
import type { EventBus } from '../events/event-bus.ts';
import { dynamoDbOperations, type DynamoDb } from '../services/dynamodb.ts';
import type { Sqs } from '../services/sqs.ts';
import { jsonAnswer, jsonError, sqsError, type Answer } from './answer.ts';

/** A service whose operations arrive as JSON under a target, such as `AmazonSQS.SendMessage`. */
export interface JsonService {
  readonly id: 'sqs' | 'dynamodb' | 'events';
  /** The IAM action of an operation, and the ARNs it is on. Undefined for an operation that is not there. */
  readonly needs: (operation: string, body: string) => Needs | undefined;
  readonly perform: (operation: string, body: string) => Promise<Answer>;
  readonly error: (status: number, code: string, message: string) => Answer;
}

export interface Needs {
  readonly action: string;
  readonly resources: readonly string[];
  /** Name of the one queue or table. */
  readonly name: string | undefined;
}

const sqsRequest = v.looseObject({ QueueUrl: v.optional(v.string()), QueueName: v.optional(v.string()) });

/** Operations of the queue service, with the action that IAM checks. Managing queues is the templates' business. */
const sqsActions: Readonly<Record<string, string>> = {
  ChangeMessageVisibility: 'sqs:ChangeMessageVisibility',
  ChangeMessageVisibilityBatch: 'sqs:ChangeMessageVisibility',
  DeleteMessage: 'sqs:DeleteMessage',
  DeleteMessageBatch: 'sqs:DeleteMessage',
  GetQueueAttributes: 'sqs:GetQueueAttributes',
  GetQueueUrl: 'sqs:GetQueueUrl',
  ListQueues: 'sqs:ListQueues',
  ListQueueTags: 'sqs:ListQueueTags',
  PurgeQueue: 'sqs:PurgeQueue',
  ReceiveMessage: 'sqs:ReceiveMessage',
  SendMessage: 'sqs:SendMessage',
  SendMessageBatch: 'sqs:SendMessage',
};

/** @param queueArn makes a queue's ARN of its name */
export function sqsService(
  sqs: Sqs,
  endpoint: () => string,
  queueArn: (name: string) => string,
): JsonService {
  return {
    id: 'sqs',
    needs: (operation, body) => {
      const action = sqsActions[operation];
      if (action === undefined) return undefined;
      const { QueueUrl, QueueName } = v.parse(sqsRequest, JSON.parse(body));
      const name = QueueName ?? QueueUrl?.replace(/\/+$/, '').split('/').at(-1);
      return { action, resources: [name === undefined ? '*' : queueArn(name)], name };
    },
    perform: async (operation, body) => {
      const answer = await sqs.call(operation, body);
      if (operation !== 'GetQueueUrl' && operation !== 'ListQueues') return answer;
      // fauxqs makes URLs of its own; a client uses those it is given.
      return {
        ...answer,
        body: answer.body.replaceAll(/"https?:\/\/[^"/]+\/(\d{12}\/)/g, `"${endpoint()}/$1`),
      };
    },
    error: sqsError,
  };
}

const oneTable = v.looseObject({ TableName: v.optional(v.string()) });
const manyTables = v.looseObject({ RequestItems: v.optional(v.record(v.string(), v.unknown()), {}) });

/** @param tableArn makes a table's ARN of its name */
export function dynamoDbService(dynamoDb: DynamoDb, tableArn: (name: string) => string): JsonService {
  return {
    id: 'dynamodb',
    needs: (operation, body) => {
      if (!dynamoDbOperations.has(operation)) return undefined;
      const json: unknown = JSON.parse(body);
      const action = `dynamodb:${operation}`;
      if (operation.startsWith('Batch')) {
        const names = Object.keys(v.parse(manyTables, json).RequestItems);
        return { action, resources: names.map(tableArn), name: names.length === 1 ? names[0] : undefined };
      }
      const { TableName } = v.parse(oneTable, json);
      return { action, resources: [TableName === undefined ? '*' : tableArn(TableName)], name: TableName };
    },
    perform: (operation, body) => dynamoDb.call(operation, body),
    error: (status, code, message) => {
      const space =
        code === 'AccessDeniedException' ? 'com.amazon.coral.service' : 'com.amazonaws.dynamodb.v20120810';
      return jsonError(status, `${space}#${code}`, message);
    },
  };
}

/** @param busArn the ARN of the default event bus, the only one */
export function eventsService(bus: EventBus, busArn: string): JsonService {
  return {
    id: 'events',
    needs: (operation) =>
      operation === 'PutEvents'
        ? { action: 'events:PutEvents', resources: [busArn], name: 'default' }
        : undefined,
    perform: async (_operation, body) => {
      try {
        return jsonAnswer(bus.putEvents(JSON.parse(body)));
      } catch (error) {
        if (error instanceof v.ValiError) return jsonError(400, 'ValidationException', error.message);
        throw error;
      }
    },
    error: jsonError,
  };
}
