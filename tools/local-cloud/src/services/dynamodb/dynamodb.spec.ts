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

const onLinux = process.platform === 'linux' ? it : it.skip;
onLinux('opens no port, which other users of the machine could call', async () => {
  const before = listeningPorts();
  const tables = await start();
  await expect(tables.call('ListTables', '{}')).resolves.toMatchObject({ status: 200 });
  expect(listeningPorts().filter((port) => !before.includes(port))).toEqual([]);
});

it('refuses a request that is no JSON', async () => {
  const tables = await start();
  const answer = await tables.call('ListTables', '{');
  expect(answer.status).toBe(400);
  expect(answer.body).toContain('SerializationException');
});
