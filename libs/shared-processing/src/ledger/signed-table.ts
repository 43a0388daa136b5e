import { createJsonService, type JsonAnswer, serviceAddress } from '../signed-calls/index.ts';
import { type AttributeValue, fromAttributes, toAttributes } from './attributes.ts';
import { expression } from './expression.ts';
import type { Condition, Item, LedgerTable, WriteResult } from './table.ts';

interface Document {
  Item: Record<string, AttributeValue>;
}

const CONDITION_FAILED = 'ConditionalCheckFailedException';

/**
 * The ledger's table without a client of the SDK, and without what that does beside for every call: a claim is one small
 * request, and there is one for each file.
 */
export function createSignedLedgerTable(
  tableName: string,
  { maxSockets }: { maxSockets: number },
): LedgerTable {
  const dynamodb = createJsonService({
    signingName: 'dynamodb',
    target: 'DynamoDB_20120810',
    address: () => serviceAddress('dynamodb'),
    maxSockets,
  });

  const ask = (operation: string, input: object): Promise<JsonAnswer<Document>> =>
    dynamodb(operation, { TableName: tableName, ...input }, `${operation} ${tableName}`);

  const get = async (id: string): Promise<Item | undefined> => {
    const { status, document, refused } = await ask('GetItem', {
      Key: { id: { S: id } },
      ConsistentRead: true,
    });
    if (status !== 200) throw refused();
    return document.Item && fromAttributes(document.Item);
  };

  const write = async (operation: string, input: object, id: string): Promise<WriteResult> => {
    const { status, document, code, refused } = await ask(operation, input);
    if (status === 200) return { kind: 'written' };
    if (code !== CONDITION_FAILED) throw refused();
    // DynamoDB tells the item that stood in the way; one that does not is asked.
    return { kind: 'refused', existing: document.Item ? fromAttributes(document.Item) : await get(id) };
  };

  return {
    get,
    put: (item, condition) =>
      write('PutItem', { Item: toAttributes(item), ...inNotation(condition) }, item.id),
    delete: (id, condition) => write('DeleteItem', { Key: { id: { S: id } }, ...inNotation(condition) }, id),
  };
}

function inNotation(condition: Condition | undefined): object {
  const { ExpressionAttributeValues: values, ...rest } = expression(condition);
  return values ? { ...rest, ExpressionAttributeValues: toAttributes(values) } : rest;
}
