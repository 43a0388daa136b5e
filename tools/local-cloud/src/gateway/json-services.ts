import * as v from 'valibot';
import { ApiError, findOperation, type Api, type Operation } from '../apis/api.ts';
import type { EventBus } from '../events/event-bus.ts';
import { dynamoDbError, dynamoDbOperations, type DynamoDb } from '../services/dynamodb/dynamodb.ts';
import { type Sqs, sqsError } from '../services/sqs.ts';
import { jsonDenied, jsonOperations, jsonService, type JsonService } from './api-services.ts';

const sqsRequest = v.looseObject({ QueueUrl: v.optional(v.string()), QueueName: v.optional(v.string()) });

/** SQS operations with their IAM actions. Queues of templates cannot be changed. */
const sqsActions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ChangeMessageVisibility: 'sqs:ChangeMessageVisibility',
    ChangeMessageVisibilityBatch: 'sqs:ChangeMessageVisibility',
    CreateQueue: 'sqs:CreateQueue',
    DeleteMessage: 'sqs:DeleteMessage',
    DeleteMessageBatch: 'sqs:DeleteMessage',
    DeleteQueue: 'sqs:DeleteQueue',
    GetQueueAttributes: 'sqs:GetQueueAttributes',
    GetQueueUrl: 'sqs:GetQueueUrl',
    ListQueues: 'sqs:ListQueues',
    ListQueueTags: 'sqs:ListQueueTags',
    PurgeQueue: 'sqs:PurgeQueue',
    ReceiveMessage: 'sqs:ReceiveMessage',
    SendMessage: 'sqs:SendMessage',
    SendMessageBatch: 'sqs:SendMessage',
  }),
);

/**
 * @param tasks operations that move messages between queues
 * @param queueArn returns the ARN of a queue name
 */
export function sqsService(sqs: Sqs, tasks: Api, queueArn: (name: string) => string): JsonService {
  const moving = jsonOperations(tasks, sqsError);
  return {
    target: 'AmazonSQS.',
    faultHook: 'sqs',
    denied: { status: 403, code: 'AccessDenied' },
    needs: (operation, body) => {
      if (findOperation(tasks, operation)) return moving.needs(operation, body);
      const action = sqsActions.get(operation);
      if (action === undefined) return undefined;
      const { QueueUrl, QueueName } = v.parse(sqsRequest, JSON.parse(body));
      const name = QueueName ?? QueueUrl?.replace(/\/+$/, '').split('/').at(-1);
      return { permissions: [{ action, resource: name === undefined ? '*' : queueArn(name) }], name };
    },
    perform: async (operation, body) => {
      if (findOperation(tasks, operation)) return moving.perform(operation, body);
      return sqs.call(operation, body);
    },
    error: sqsError,
  };
}

const oneTable = v.looseObject({ TableName: v.optional(v.string()) });
const manyTables = v.looseObject({ RequestItems: v.optional(v.record(v.string(), v.unknown()), {}) });

/** @param tableArn returns the ARN of a table name */
export function dynamoDbService(dynamoDb: DynamoDb, tableArn: (name: string) => string): JsonService {
  return {
    target: 'DynamoDB_20120810.',
    faultHook: 'dynamodb',
    denied: jsonDenied,
    needs: (operation, body) => {
      if (!dynamoDbOperations.has(operation)) return undefined;
      const json: unknown = JSON.parse(body);
      const action = `dynamodb:${operation}`;
      if (operation.startsWith('Batch')) {
        const names = Object.keys(v.parse(manyTables, json).RequestItems);
        const permissions = names.map((name) => ({ action, resource: tableArn(name) }));
        return { permissions, name: names.length === 1 ? names[0] : undefined };
      }
      const { TableName } = v.parse(oneTable, json);
      const resource = TableName === undefined ? '*' : tableArn(TableName);
      return { permissions: [{ action, resource }], name: TableName };
    },
    perform: (operation, body) => dynamoDb.call(operation, body),
    error: dynamoDbError,
  };
}

/**
 * @param busArn ARN of the default event bus, the only one
 * @param rules operations on rules
 */
export function eventsService(bus: EventBus, busArn: string, rules: Api): JsonService {
  const put: Operation = {
    permissions: () => [{ action: 'events:PutEvents', resource: busArn }],
    perform: (input) => {
      try {
        return bus.putEvents(input);
      } catch (error) {
        if (error instanceof v.ValiError) throw new ApiError('ValidationException', error.message);
        throw error;
      }
    },
  };
  return jsonService('AWSEvents.', { ...rules, PutEvents: put });
}
