import {
  createJsonService,
  environmentAccess,
  type JsonResponse,
  type ServiceAccess,
} from '../aws-http/index.ts';
import { type AttributeValue, fromAttributes, toAttributes } from './attributes.ts';
import type { Condition, Item, LedgerTable, WriteResult } from './table.ts';

interface Document {
  Item: Record<string, AttributeValue>;
}

const CONDITION_FAILED = 'ConditionalCheckFailedException';

/**
 * The ledger's table in DynamoDB. It bypasses the SDK's client, whose overhead would dominate: a claim is one small request, and
 * there is one per file.
 *
 * @param options.maxSockets maximum number of connections
 * @param options.access by default the function's own, from its environment
 */
export function createLedgerTable(
  tableName: string,
  { maxSockets, access = environmentAccess('dynamodb') }: { maxSockets: number; access?: ServiceAccess },
): LedgerTable {
  const dynamodb = createJsonService({ access, target: 'DynamoDB_20120810', maxSockets });

  const ask = (operation: string, input: object): Promise<JsonResponse<Document>> =>
    dynamodb(operation, { TableName: tableName, ...input }, `${operation} ${tableName}`);

  const get = async (id: string): Promise<Item | undefined> => {
    const { status, document, error } = await ask('GetItem', {
      Key: { id: { S: id } },
      ConsistentRead: true,
    });
    if (status !== 200) throw error();
    return document.Item && fromAttributes(document.Item);
  };

  const write = async (operation: string, input: object, id: string): Promise<WriteResult> => {
    const { status, document, code, error } = await ask(operation, input);
    if (status === 200) return { kind: 'written' };
    if (code !== CONDITION_FAILED) throw error();
    // DynamoDB returns the existing item; some emulators do not, so read it.
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

interface ConditionExpression {
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, string | number>;
  ReturnValuesOnConditionCheckFailure?: 'ALL_OLD';
}

/** A condition in the form of DynamoDB's API. */
function expression(condition: Condition | undefined): ConditionExpression {
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
