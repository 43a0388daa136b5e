import { ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { toCallError } from '../calls/index.ts';
import { expression } from './expression.ts';
import type { Item, LedgerTable, WriteResult } from './table.ts';

/** The ledger's table in DynamoDB, by the SDK's document client. */
export function createLedgerTable(dynamo: DynamoDBClient, tableName: string): LedgerTable {
  const client = DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } });

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
