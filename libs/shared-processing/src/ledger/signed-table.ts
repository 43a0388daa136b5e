import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { toCallError } from '../calls/index.ts';
import {
  addressOf,
  createSignedCaller,
  createTransport,
  refusal,
  type ServiceAddress,
  textOf,
} from '../signed-calls/index.ts';
import { ANSWER_TIMEOUT_MS, CONNECTION_TIMEOUT_MS } from './dynamodb-client.ts';
import { type AttributeValue, fromAttributes, toAttributes } from './attributes.ts';
import { expression } from './expression.ts';
import type { Condition, Item, LedgerTable, WriteResult } from './table.ts';

interface Answer {
  status: number;
  /** The JSON document that came. */
  document: { Item?: Record<string, AttributeValue>; __type?: string; message?: string; Message?: string };
}

const CONDITION_FAILED = 'ConditionalCheckFailedException';

/**
 * The ledger's table over connections of its own, with requests that the client's signer signs, and without what the SDK
 * does beside for every call: a claim is one small request, and there is one for each file.
 */
export function createSignedLedgerTable(
  client: DynamoDBClient,
  tableName: string,
  { maxSockets }: { maxSockets: number },
): LedgerTable {
  const call = createSignedCaller(
    client,
    createTransport({
      maxSockets,
      connectionTimeoutMs: CONNECTION_TIMEOUT_MS,
      stalledAfterMs: ANSWER_TIMEOUT_MS,
    }),
  );
  let address: Promise<ServiceAddress> | undefined;

  const addressOfTable = (): Promise<ServiceAddress> => {
    if (address) return address;
    const command = new GetItemCommand({ TableName: tableName, Key: { id: { S: 'k' } } });
    address = addressOf(command, (probe) => client.send(probe));
    // An answer that failed is no answer: the next call asks again.
    address.catch(() => (address = undefined));
    return address;
  };

  const ask = async (operation: string, input: object): Promise<Answer> => {
    try {
      const { path, ...rest } = await addressOfTable();
      const { statusCode, body } = await call(
        { ...rest, path },
        {
          method: 'POST',
          path,
          headers: {
            'content-type': 'application/x-amz-json-1.0',
            'x-amz-target': `DynamoDB_20120810.${operation}`,
          },
          body: JSON.stringify({ TableName: tableName, ...input }),
        },
      );
      return { status: statusCode, document: documentIn(await textOf(body), statusCode) };
    } catch (error) {
      throw toCallError(`${operation} ${tableName}`, error);
    }
  };

  const refused = (operation: string, { status, document }: Answer) =>
    refusal(`${operation} ${tableName}`, status, codeOf(document), document.message ?? document.Message);

  const get = async (id: string): Promise<Item | undefined> => {
    const answer = await ask('GetItem', { Key: { id: { S: id } }, ConsistentRead: true });
    if (answer.status !== 200) throw refused('GetItem', answer);
    return answer.document.Item && fromAttributes(answer.document.Item);
  };

  const write = async (operation: string, input: object, id: string): Promise<WriteResult> => {
    const answer = await ask(operation, input);
    if (answer.status === 200) return { kind: 'written' };
    if (codeOf(answer.document) !== CONDITION_FAILED) throw refused(operation, answer);
    const { Item: told } = answer.document;
    // DynamoDB tells the item that stood in the way; one that does not is asked.
    return { kind: 'refused', existing: told ? fromAttributes(told) : await get(id) };
  };

  return {
    get,
    put: (item, condition) =>
      write('PutItem', { Item: toAttributes(item), ...inNotation(condition) }, item.id),
    delete: (id, condition) => write('DeleteItem', { Key: { id: { S: id } }, ...inNotation(condition) }, id),
  };
}

/** The answer's document; an error without one still has its status. */
function documentIn(text: string, status: number): Answer['document'] {
  try {
    return JSON.parse(text) as Answer['document'];
  } catch (error) {
    if (status === 200) throw error;
    return {};
  }
}

/** `com.amazonaws.dynamodb.v20120810#Name`, of which the name is the code. */
function codeOf({ __type }: Answer['document']): string | undefined {
  return __type?.split('#').at(-1);
}

function inNotation(condition: Condition | undefined): object {
  const { ExpressionAttributeValues: values, ...rest } = expression(condition);
  return values ? { ...rest, ExpressionAttributeValues: toAttributes(values) } : rest;
}
