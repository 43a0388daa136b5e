import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { CallError } from '../errors/index.ts';
import { clientAccess } from '../aws-http/index.ts';
import { type StandIn, standInForAws } from '../testing/index.ts';
import { createLedgerTable, type LedgerTable } from './index.ts';

let aws: StandIn;
let client: DynamoDBClient;
let table: LedgerTable;

beforeAll(async () => {
  const server = dynalite({ createTableMs: 0 }) as Server;
  aws = await standInForAws(server);
  client = new DynamoDBClient({});
});

afterAll(async () => {
  client.destroy();
  await aws.stop();
});

async function createTable(TableName: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
}

const item = (id: string, bundle: string) => ({ id, bundle, until: 5, expires: 10 });

const maxSockets = 2;

describe.each([
  ['environment', (_client: DynamoDBClient, name: string) => createLedgerTable(name, { maxSockets })],
  [
    'client',
    (of: DynamoDBClient, name: string) =>
      createLedgerTable(name, {
        maxSockets,
        access: clientAccess(of, new ListTablesCommand({}), (command) => of.send(command)),
      }),
  ],
])('the ledger table with the access of the %s', (tableName, create) => {
  beforeAll(async () => {
    await createTable(tableName);
    table = create(client, tableName);
  });

  /** The table's result for a response of DynamoDB. */
  const against = async <T>(
    answer: RequestListener,
    work: (table: LedgerTable) => Promise<T>,
  ): Promise<T> => {
    const other = createServer(answer);
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const endpoint = process.env['AWS_ENDPOINT_URL'];
    process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const telling = new DynamoDBClient({});
    try {
      return await work(create(telling, 'ledger'));
    } finally {
      process.env['AWS_ENDPOINT_URL'] = endpoint;
      telling.destroy();
      other.close();
    }
  };

  it('puts an item if there is none, and otherwise returns the existing one', async () => {
    await expect(table.put(item('a', 'K1'), { kind: 'absent' })).resolves.toEqual({ kind: 'written' });
    await expect(table.put(item('a', 'K2'), { kind: 'absent' })).resolves.toEqual({
      kind: 'refused',
      existing: item('a', 'K1'),
    });
  });

  it('replaces an item only if it is unchanged', async () => {
    await table.put(item('b', 'K1'));
    const unchanged = { kind: 'equals', attributes: { bundle: 'K1', until: 5 } } as const;
    await expect(table.put(item('b', 'K2'), unchanged)).resolves.toEqual({ kind: 'written' });
    await expect(table.put(item('b', 'K3'), unchanged)).resolves.toMatchObject({ kind: 'refused' });
    await expect(table.get('b')).resolves.toEqual(item('b', 'K2'));
  });

  it('takes over a claim of the ledger', async () => {
    const claim = { ...item('taken', 'K1'), until: 1_795_381_824_254.025 };
    await table.put(claim);
    const unchanged = { kind: 'equals', attributes: { bundle: 'K1', until: claim.until } } as const;
    await expect(table.put(item('taken', 'K2'), unchanged)).resolves.toEqual({ kind: 'written' });
  });

  it('deletes on condition, and refuses if there is no item', async () => {
    await table.put(item('c', 'K1'));
    const mine = { kind: 'equals', attributes: { bundle: 'K1' } } as const;
    await expect(table.delete('c', { kind: 'equals', attributes: { bundle: 'K2' } })).resolves.toMatchObject({
      kind: 'refused',
    });
    await expect(table.delete('c', mine)).resolves.toEqual({ kind: 'written' });
    await expect(table.delete('c', mine)).resolves.toEqual({ kind: 'refused', existing: undefined });
  });

  it('reads consistently, and asks a refusal for the existing item', async () => {
    const requests: unknown[] = [];
    await against(
      async (request, response) => {
        requests.push(JSON.parse(await text(request)));
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' });
        response.end('{}');
      },
      async (telling) => {
        await telling.get('a');
        await telling.put(item('a', 'K1'), { kind: 'absent' });
      },
    );
    expect(requests).toMatchObject([
      { ConsistentRead: true },
      { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
    ]);
  });

  it('takes no other error than a failed condition for a refusal', async () => {
    const refused = against(
      (request, response) => {
        const isRead = request.headers['x-amz-target']?.toString().endsWith('GetItem');
        const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' };
        response.writeHead(isRead ? 200 : 400, headers);
        response.end(isRead ? '{}' : JSON.stringify({ __type: 'ResourceNotFoundException', message: 'why' }));
      },
      (telling) => telling.put(item('a', 'K1'), { kind: 'absent' }),
    );
    await expect(refused).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  it('returns the existing item from DynamoDB’s refusal', async () => {
    const told = { id: { S: 'a' }, bundle: { S: 'K1' }, until: { N: '5' }, expires: { N: '10' } };
    const existing = await against(
      (_request, response) => {
        const __type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
        response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' });
        response.end(JSON.stringify({ __type, message: 'The conditional request failed', Item: told }));
      },
      (telling) => telling.put(item('a', 'K2'), { kind: 'absent' }),
    );
    expect(existing).toEqual({ kind: 'refused', existing: item('a', 'K1') });
  });

  it.each([
    [400, 'ProvisionedThroughputExceededException', 'throttled'],
    [400, 'ThrottlingException', 'throttled'],
    [400, 'AccessDeniedException', 'refused'],
    [400, 'ValidationException', 'refused'],
    [500, 'InternalServerError', 'unknown'],
  ])('reads %i %s as %s', async (status, code, outcome) => {
    const refused = against(
      (_request, response) => {
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': '1' });
        response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message: 'why' }));
      },
      (refusing) => refusing.put(item('a', 'K'), { kind: 'absent' }),
    );
    await expect(refused).rejects.toMatchObject({ name: 'CallError', outcome, code, status });
  });

  it.each([
    ['without a document', (response: ServerResponse) => void response.writeHead(503).end()],
    ['that is cut off', (response: ServerResponse) => void response.destroy()],
    [
      'cut in the middle',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '10' }).write('{', () => response.destroy());
      },
    ],
    ['that is not JSON', (response: ServerResponse) => void response.writeHead(200).end('<html>')],
  ])('reports an unknown outcome for a response %s', async (_how, answer) => {
    const unknown = against(
      (request, response) => void request.resume().on('end', () => answer(response)),
      (silent) => silent.get('a'),
    );
    await expect(unknown).rejects.toMatchObject({ name: 'CallError', outcome: 'unknown' });
  });

  it('reuses connections, up to the limit', async () => {
    const connections = new Set<unknown>();
    await against(
      (request, response) => {
        connections.add(request.socket);
        request.resume().on('end', () => response.end('{}'));
      },
      (busy) => Promise.all(Array.from({ length: 20 }, (_, index) => busy.put(item(`${index}`, 'K')))),
    );
    expect(connections.size).toBeLessThanOrEqual(2);
  });

  it('keeps bytes as bytes', async () => {
    await table.put({ id: 'd', expires: 1, members: new Uint8Array([1, 2, 255]) });
    const members = (await table.get('d'))?.['members'];
    expect(members).toBeInstanceOf(Uint8Array);
    expect([...(members as Uint8Array)]).toEqual([1, 2, 255]);
  });

  it('reports which refusals are system errors', async () => {
    const missing = create(client, 'no-such-table').get('a');
    await expect(missing).rejects.toThrow(CallError);
    await expect(missing).rejects.toMatchObject({ outcome: 'refused', code: 'ResourceNotFoundException' });
  });
});
