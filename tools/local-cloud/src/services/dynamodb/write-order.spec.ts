import { writeTargets, createKeyedMutex } from './write-order.ts';

const keysOf = () => ['pk'];
const item = (pk: string) => ({ pk: { S: pk }, other: { N: '1' } });
const key = (pk: string) => ({ pk: { S: pk } });

it.each([
  ['a put', { TableName: 't', Item: item('a') }, [{ table: 't', key: key('a') }]],
  ['an update or a deletion', { TableName: 't', Key: key('a') }, [{ table: 't', key: key('a') }]],
  [
    'a batch',
    {
      RequestItems: {
        t: [{ PutRequest: { Item: item('a') } }, { DeleteRequest: { Key: key('b') } }],
        u: [{ PutRequest: { Item: item('a') } }],
      },
    },
    [
      { table: 't', key: key('a') },
      { table: 't', key: key('b') },
      { table: 'u', key: key('a') },
    ],
  ],
  ['a request without an item', { TableName: 't' }, []],
  ['something other than a request', 'x', []],
])('finds the items of %s', (_, request, items) => {
  expect(writeTargets(request, keysOf)).toEqual(items);
});

/** A task that reports its start and ends on request. */
function task(name: string, log: string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const run = async () => {
    log.push(name);
    await promise;
  };
  return { run, end: () => resolve(undefined), fail: () => reject(new Error(name)) };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('runs tasks with a common key one after the other, even if one fails', async () => {
  const log: string[] = [];
  const inTurn = createKeyedMutex();
  const [a, b, c] = [task('a', log), task('b', log), task('c', log)];
  const ended = [a, b, c].map(({ run }) => inTurn(['k'], run));
  await settle();
  expect(log).toEqual(['a']);
  a.fail();
  await expect(ended[0]).rejects.toThrow('a');
  await settle();
  expect(log).toEqual(['a', 'b']);
  b.end();
  await settle();
  expect(log).toEqual(['a', 'b', 'c']);
  c.end();
  await Promise.all(ended.slice(1));
});

it('runs tasks with different keys concurrently', async () => {
  const log: string[] = [];
  const inTurn = createKeyedMutex();
  const [a, b, both, free] = [task('a', log), task('b', log), task('both', log), task('free', log)];
  const ended = [
    inTurn(['a'], a.run),
    inTurn(['b'], b.run),
    inTurn(['a', 'b'], both.run),
    inTurn([], free.run),
  ];
  await settle();
  expect(log.sort()).toEqual(['a', 'b', 'free']);
  a.end();
  await settle();
  expect(log).not.toContain('both');
  b.end();
  await settle();
  expect(log).toContain('both');
  both.end();
  free.end();
  await Promise.all(ended);
});
