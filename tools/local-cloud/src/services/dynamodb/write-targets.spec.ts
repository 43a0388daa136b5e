import { writeTargets } from './write-targets.ts';

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
