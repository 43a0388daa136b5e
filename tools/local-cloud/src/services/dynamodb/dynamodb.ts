import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import dynalite from 'dynalite';
import * as v from 'valibot';
import type { TableModel } from '../../assembly/model.ts';
import { type Answer, jsonError } from '../../gateway/answer.ts';
import { createKeyedMutex, type WriteTarget, writeTargets } from './write-order.ts';

/** The tables, kept by dynalite in this process. */
export interface DynamoDb {
  /** Performs one operation, such as `PutItem`, with the request's JSON. */
  readonly call: (operation: string, body: string) => Promise<Answer>;
  /** Refuses new calls, and waits for those under way. Idempotent. */
  readonly close: () => Promise<void>;
}

const requestHeaders = {
  'content-type': 'application/x-amz-json-1.0',
  // dynalite requires a signature but does not verify it.
  'x-amz-date': '20200101T000000Z',
  authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=none',
};
/** Headers of dynalite's responses that are passed on. */
const passedHeaders: ReadonlySet<string> = new Set(['x-amzn-requestid', 'x-amz-crc32']);

/**
 * Operations supported by dynalite. Others are refused by name, because dynalite's own error does not say what is
 * missing.
 */
export const dynamoDbOperations: ReadonlySet<string> = new Set([
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
  'UpdateTimeToLive',
]);

const wantsItem = v.object({ ReturnValuesOnConditionCheckFailure: v.literal('ALL_OLD') });
const ofTable = v.object({ TableName: v.optional(v.string()) });
const newTable = v.looseObject({ TableName: v.string(), Tags: v.optional(v.unknown()) });
const newTimeToLive = v.object({
  TableName: v.string(),
  TimeToLiveSpecification: v.object({ AttributeName: v.string(), Enabled: v.boolean() }),
});
const failure = v.object({ __type: v.string(), message: v.optional(v.string()) });
const description = v.object({ Table: v.object({ TableStatus: v.string() }) });
const found = v.object({ Item: v.optional(v.record(v.string(), v.unknown())) });

const writes: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']);

/** Starts the service and creates the tables. @param region region in the tables' ARNs */
export async function startDynamoDb(tables: readonly TableModel[], region: string): Promise<DynamoDb> {
  const serve = listenerOf(dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }));
  const inTurn = createKeyedMutex();

  /** Calls dynalite's handler directly: a connection to its port would cost more than the operation. */
  function send(operation: string, body: string): Promise<Answer> {
    return new Promise((resolve) => {
      const target = `DynamoDB_20120810.${operation}`;
      const request = Object.assign(new EventEmitter(), {
        method: 'POST',
        url: '/',
        headers: { ...requestHeaders, 'x-amz-target': target },
      });
      const headers: Record<string, string> = { 'content-type': 'application/x-amz-json-1.0' };
      const response = {
        statusCode: 200,
        setHeader(name: string, value: string | number) {
          if (passedHeaders.has(name.toLowerCase())) headers[name.toLowerCase()] = String(value);
        },
        end(text = '') {
          resolve({ status: response.statusCode, headers, body: text });
        },
      };
      serve(request, response);
      request.emit('data', Buffer.from(body));
      request.emit('end');
    });
  }

  const keys = new Map(tables.map(({ name, definition }) => [name, keyAttributes(definition)]));

  /** On request, DynamoDB returns the item that failed a condition; dynalite does not. */
  async function withFailedItem(item: WriteTarget, answer: Answer): Promise<Answer> {
    const { table: TableName, key: Key } = item;
    const read = await send('GetItem', JSON.stringify({ TableName, Key, ConsistentRead: true }));
    const { Item: old } = v.parse(found, JSON.parse(read.body));
    if (!old) return answer;
    const { 'x-amz-crc32': _ofTheShorterBody, ...headers } = answer.headers;
    return {
      ...answer,
      headers,
      body: JSON.stringify({ ...v.parse(failure, JSON.parse(answer.body)), Item: old }),
    };
  }

  /**
   * Serialises writes to the same item, so that the item returned for a failed condition is the one that caused the
   * failure.
   */
  function write(operation: string, body: string): Promise<Answer> {
    const request: unknown = JSON.parse(body);
    const items = writeTargets(request, (table) => keys.get(table) ?? []);
    const [item] = items;
    return inTurn(items.map(identityOf), async () => {
      const answer = await send(operation, body);
      const failed = answer.status === 400 && answer.body.includes('ConditionalCheckFailedException');
      return failed && item && v.is(wantsItem, request) ? withFailedItem(item, answer) : answer;
    });
  }

  const expiring = new Map(
    tables.flatMap(({ name, timeToLiveAttribute }) =>
      timeToLiveAttribute === undefined ? [] : [[name, timeToLiveAttribute] as const],
    ),
  );

  /** dynalite does not support time to live, and reports it as disabled for every table. */
  async function describeTimeToLive(body: string): Promise<Answer> {
    const answer = await send('DescribeTimeToLive', body);
    const { TableName = '' } = v.parse(ofTable, JSON.parse(body));
    const AttributeName = expiring.get(TableName);
    if (answer.status !== 200 || AttributeName === undefined) return answer;
    const { 'x-amz-crc32': _ofTheOtherBody, ...headers } = answer.headers;
    const TimeToLiveDescription = { AttributeName, TimeToLiveStatus: 'ENABLED' };
    return { ...answer, headers, body: JSON.stringify({ TimeToLiveDescription }) };
  }

  /** dynalite knows no tags. */
  async function createTable(body: string): Promise<Answer> {
    const { Tags: _ignored, ...definition } = v.parse(newTable, JSON.parse(body));
    const answer = await send('CreateTable', JSON.stringify(definition));
    if (answer.status === 200) keys.set(definition.TableName, keyAttributes(definition));
    return answer;
  }

  /** Accepted and described; nothing expires, which DynamoDB allows for days. */
  async function updateTimeToLive(body: string): Promise<Answer> {
    const { TableName, TimeToLiveSpecification } = v.parse(newTimeToLive, JSON.parse(body));
    const answer = await send('DescribeTimeToLive', JSON.stringify({ TableName }));
    if (answer.status !== 200) return answer;
    if (TimeToLiveSpecification.Enabled) expiring.set(TableName, TimeToLiveSpecification.AttributeName);
    else expiring.delete(TableName);
    const { 'x-amz-crc32': _ofTheOtherBody, ...headers } = answer.headers;
    return { ...answer, headers, body: JSON.stringify({ TimeToLiveSpecification }) };
  }

  /** dynalite takes the region in ARNs from this process's environment. */
  async function describeTable(body: string): Promise<Answer> {
    const answer = await send('DescribeTable', body);
    const { 'x-amz-crc32': _ofTheOtherBody, ...headers } = answer.headers;
    const inRegion = answer.body.replaceAll(/"arn:aws:dynamodb:[^:"]*:/g, `"arn:aws:dynamodb:${region}:`);
    return { ...answer, headers, body: inRegion };
  }

  async function isActive(table: string): Promise<boolean> {
    const { body } = await send('DescribeTable', JSON.stringify({ TableName: table }));
    return v.parse(description, JSON.parse(body)).Table.TableStatus === 'ACTIVE';
  }

  function perform(operation: string, body: string): Promise<Answer> {
    if (operation === 'CreateTable') return createTable(body);
    if (operation === 'UpdateTimeToLive') return updateTimeToLive(body);
    if (operation === 'DescribeTable') return describeTable(body);
    if (operation === 'DescribeTimeToLive') return describeTimeToLive(body);
    return writes.has(operation) ? write(operation, body) : send(operation, body);
  }

  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    // The store is in memory; only the writes under way have to end.
    await Promise.allSettled(underWay);
  }

  for (const { definition } of tables) {
    const { status, body } = await send('CreateTable', JSON.stringify(definition));
    if (status !== 200) throw new Error(`DynamoDB CreateTable: ${body}`);
  }
  // dynalite completes the creation in a later tick, and refuses writes until then.
  for (const { name } of tables) while (!(await isActive(name))) await sleep(1);

  return {
    call: async (operation, body) => {
      if (closing) throw new Error(`the tables are closed: ${operation} refused`);
      const answer = perform(operation, body);
      underWay.add(answer);
      return answer.finally(() => underWay.delete(answer));
    },
    close: () => (closing ??= close()),
  };
}

/** dynalite's handler, as far as it uses a request and a response. */
type Serve = (
  request: EventEmitter & { method: string; url: string; headers: Readonly<Record<string, string>> },
  response: {
    statusCode: number;
    setHeader: (name: string, value: string | number) => void;
    end: (text?: string) => void;
  },
) => void;

/** The handler of dynalite's server, which never listens: no other user of the machine can call it. */
function listenerOf(server: Server): Serve {
  const [serve] = server.listeners('request');
  if (serve === undefined) throw new Error('dynalite has no request handler');
  return serve as Serve;
}

function identityOf({ table, key }: WriteTarget): string {
  return JSON.stringify([table, key]);
}

function keyAttributes(definition: Readonly<Record<string, unknown>>): string[] {
  return v
    .parse(v.array(v.object({ AttributeName: v.string() })), definition['KeySchema'])
    .map(({ AttributeName }) => AttributeName);
}

/** An error response of DynamoDB, which puts a namespace before its error codes. */
export function dynamoDbError(status: number, code: string, message: string): Answer {
  const namespace =
    code === 'AccessDeniedException' ? 'com.amazon.coral.service' : 'com.amazonaws.dynamodb.v20120810';
  return jsonError(status, `${namespace}#${code}`, message);
}
