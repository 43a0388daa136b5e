import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listeningPorts } from '../../testing/listeners.ts';
import { type DynamoDb, startDynamoDb } from './dynamodb.ts';

// Close it even if a test fails; an open server would keep the process from exiting and reporting the failure.
let tables: DynamoDb | undefined;
afterEach(() => tables?.close());

const start = async () =>
  (tables = await startDynamoDb(
    [
      {
        name: 'table',
        arn: 'arn:aws:dynamodb:eu-central-1:000000000000:table/table',
        definition: {
          TableName: 'table',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
        },
        timeToLiveAttribute: undefined,
      },
    ],
    'eu-central-1',
  ));
const put = (pk: string, more = {}) =>
  JSON.stringify({ TableName: 'table', Item: { pk: { S: pk } }, ...more });

it('returns the item that failed a condition, also under concurrent writes', async () => {
  const tables = await start();
  const claim = (owner: string) =>
    tables.call(
      'PutItem',
      JSON.stringify({
        TableName: 'table',
        Item: { pk: { S: 'claim' }, owner: { S: owner } },
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  const owners = ['a', 'b', 'c', 'd'];
  const answers = await Promise.all(owners.map(claim));
  // The writes use several connections, so any of them may be first.
  const winners = owners.filter((_, index) => answers[index]?.status === 200);
  expect(winners).toHaveLength(1);
  for (const { body } of answers.filter(({ status }) => status !== 200)) {
    expect(JSON.parse(body)).toMatchObject({ Item: { owner: { S: winners[0] } } });
  }
});

it.each([0, 5, 20])('closed after %d ms, completes writes under way and refuses new ones', async (ms) => {
  const tables = await start();
  const writes = Array.from({ length: 200 }, (_, n) => tables.call('PutItem', put(`item ${n}`)));
  const answers = Promise.allSettled(writes);
  await sleep(ms);
  const closing = tables.close();
  await expect(tables.call('PutItem', put('late'))).rejects.toThrow('the tables are closed');
  await closing;
  const statuses = (await answers).map((answer) => answer.status === 'fulfilled' && answer.value.status);
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
});

/** Keeps the event loop busy, like concurrent uploads; counts its turns. */
function busyLoop(msATurn: number) {
  let turns = 0;
  let ended = false;
  const turn = () => {
    if (ended) return;
    turns++;
    const until = performance.now() + msATurn;
    while (performance.now() < until);
    setImmediate(turn);
  };
  turn();
  return { turns: () => turns, [Symbol.dispose]: () => void (ended = true) };
}

it('writes different items concurrently, even while the event loop is busy', async () => {
  const tables = await start();
  using loop = busyLoop(3);
  await Promise.all(Array.from({ length: 48 }, (_, n) => tables.call('PutItem', put(`item ${n}`))));
  // Sequential writes would take several turns each.
  expect(loop.turns()).toBeLessThan(96);
});

it('keeps idle connections open while the event loop is blocked', async () => {
  // Node's servers close connections after five idle seconds. Shorten that to two, the least that clients respect.
  const { createServer } = http;
  const creating = jest.spyOn(http, 'createServer').mockImplementation((...args: unknown[]) => {
    const server = Reflect.apply(createServer, http, args) as http.Server;
    return Object.assign(server, { keepAliveTimeout: 2_000, keepAliveTimeoutBuffer: 0 });
  });
  const tables = await start();
  expect(creating).toHaveBeenCalledTimes(1);
  creating.mockRestore();
  const read = () => tables.call('ListTables', '{}');
  await Promise.all([read(), read(), read()]);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_200);
  const answers = await Promise.all([read(), read(), read()]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
});

const onLinux = process.platform === 'linux' ? it : it.skip;
onLinux('refuses callers who only know its port', async () => {
  const before = listeningPorts();
  await start();
  const opened = listeningPorts().filter((port) => !before.includes(port));
  expect(opened).toHaveLength(1);
  const answer = await fetch(`http://127.0.0.1:${opened[0]}`, {
    method: 'POST',
    headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables', 'content-type': 'application/x-amz-json-1.0' },
    body: '{}',
  });
  expect(answer.status).toBe(403);
});
