import { randomUUID } from 'node:crypto';
import { Agent, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import dynalite from 'dynalite';
import * as v from 'valibot';
import type { TableModel } from '../../assembly/model.ts';
import { type Answer, jsonError } from '../../gateway/answer.ts';
import { createKeyedMutex, type WriteTarget, writeTargets } from './write-order.ts';

/** The tables, served by dynalite on a loopback port known only to the gateway. */
export interface DynamoDb {
  /** Performs one operation, such as `PutItem`, with the request's JSON. */
  readonly call: (operation: string, body: string) => Promise<Answer>;
  /** Refuses new calls, waits for those under way, and closes. Idempotent. */
  readonly close: () => Promise<void>;
}

const keyHeader = 'x-local-cloud-key';

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

/** Makes dynalite serve only requests with the key; otherwise every user of the machine could call its port. */
function guard(server: Server, key: string): void {
  const serve = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.headers[keyHeader] !== key) return void response.writeHead(403).end();
    for (const listener of serve) listener.call(server, request, response);
  });
}

/** Starts the service and creates the tables. @param region region in the tables' ARNs */
export async function startDynamoDb(tables: readonly TableModel[], region: string): Promise<DynamoDb> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const key = randomUUID();
  guard(server, key);
  // Never close idle connections: a request sent at that moment would fail.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  const inTurn = createKeyedMutex();

  function send(operation: string, body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request({
        host: '127.0.0.1',
        port,
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `DynamoDB_20120810.${operation}`,
          // dynalite requires a signature but does not verify it.
          'x-amz-date': '20200101T000000Z',
          authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=none',
          [keyHeader]: key,
        },
      });
      sent.on('error', reject);
      sent.on('response', (response) => {
        text(response).then((answer) => {
          const headers: Record<string, string> = { 'content-type': 'application/x-amz-json-1.0' };
          for (const name of ['x-amzn-requestid', 'x-amz-crc32']) {
            const value = response.headers[name];
            if (typeof value === 'string') headers[name] = value;
          }
          resolve({ status: response.statusCode ?? 500, headers, body: answer });
        }, reject);
      });
      sent.end(body);
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
    // If its store is closed during a write, dynalite throws an error that cannot be caught.
    await Promise.allSettled(underWay);
    agent.destroy();
    await new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      server.closeAllConnections();
    });
  }

  try {
    for (const { definition } of tables) {
      const { status, body } = await send('CreateTable', JSON.stringify(definition));
      if (status !== 200) throw new Error(`DynamoDB CreateTable: ${body}`);
    }
    // dynalite completes the creation in a later tick, and refuses writes until then.
    for (const { name } of tables) while (!(await isActive(name))) await sleep(1);
  } catch (error) {
    await (closing = close());
    throw error;
  }

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
