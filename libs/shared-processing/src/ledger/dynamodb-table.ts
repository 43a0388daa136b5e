import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { toCallError } from '../calls/index.ts';
import type { Condition, Item, LedgerTable, WriteResult } from './table.ts';

/** A DynamoDB client as the ledger wants it: retries are the ledger's own, and a lost answer is noticed soon. */
export function createDynamoClient(options: { maxSockets: number }): DynamoDBDocumentClient {
  const client = new DynamoDBClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: options.maxSockets, keepAlive: true },
      httpsAgent: { maxSockets: options.maxSockets, keepAlive: true },
    },
  });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** The ledger's table in DynamoDB. */
export function createLedgerTable(client: DynamoDBDocumentClient, tableName: string): LedgerTable {
  const get = async (id: string): Promise<Item | undefined> => {
    const command = new GetCommand({ TableName: tableName, Key: { id }, ConsistentRead: true });
    const answer = await client.send(command).catch((error: unknown) => {
      throw toCallError(`GetItem ${tableName}`, error);
    });
    return answer.Item as Item | undefined;
  };

  /**
   * A refused condition tells the item that was there, in DynamoDB's own notation, which the document client leaves as
   * it is in errors; a DynamoDB that does not tell is asked.
   */
  const refused = async (
    { Item: told }: ConditionalCheckFailedException,
    id: string,
  ): Promise<WriteResult> => ({
    kind: 'refused',
    existing: told ? (unmarshall(told) as Item) : await get(id),
  });

  return {
    get,

    async put(item, condition) {
      const command = new PutCommand({ TableName: tableName, Item: item, ...expression(condition) });
      try {
        await client.send(command);
        return { kind: 'written' };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return refused(error, item.id);
        throw toCallError(`PutItem ${tableName}`, error);
      }
    },

    async delete(id, condition) {
      const command = new DeleteCommand({ TableName: tableName, Key: { id }, ...expression(condition) });
      try {
        await client.send(command);
        return { kind: 'written' };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return refused(error, id);
        throw toCallError(`DeleteItem ${tableName}`, error);
      }
    },
  };
}

interface ConditionExpression {
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, string | number>;
  ReturnValuesOnConditionCheckFailure?: 'ALL_OLD';
}

/** A Condition as DynamoDB takes it. */
export function expression(condition: Condition | undefined): ConditionExpression {
  if (condition === undefined) return {};
  const ask = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
  if (condition.kind === 'absent') return { ConditionExpression: 'attribute_not_exists(id)', ...ask };
  const attributes = Object.entries(condition.attributes);
  return {
    ConditionExpression: attributes.map((_, i) => `#a${i} = :v${i}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map(([name], i) => [`#a${i}`, name])),
    ExpressionAttributeValues: Object.fromEntries(attributes.map(([, value], i) => [`:v${i}`, value])),
    ...ask,
  };
}
