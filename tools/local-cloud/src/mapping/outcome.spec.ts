import { batchOutcome } from './outcome.ts';

const ids = new Set(['a', 'b']);

test.each<[string, string, string[]]>([
  ['nothing', '', []],
  ['null', 'null', []],
  ['an empty object', '{}', []],
  ['an empty list', '{"batchItemFailures":[]}', []],
  ['null for a list', '{"batchItemFailures":null}', []],
  ['some other answer', '"fine"', []],
  ['one failure', '{"batchItemFailures":[{"itemIdentifier":"b"}]}', ['b']],
  ['the same failure twice', '{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}', ['b']],
])('%s settles the batch', (_name, payload, failed) => {
  expect(batchOutcome(ids, payload)).toEqual({ kind: 'settled', failed: new Set(failed) });
});

test.each([
  ['a message that is not in the batch', '{"batchItemFailures":[{"itemIdentifier":"c"}]}'],
  ['an empty identifier', '{"batchItemFailures":[{"itemIdentifier":""}]}'],
  ['an identifier of null', '{"batchItemFailures":[{"itemIdentifier":null}]}'],
  ['another name for the identifier', '{"batchItemFailures":[{"itemId":"a"}]}'],
  ['something else than a list', '{"batchItemFailures":"a"}'],
  ['no JSON', '{'],
])('%s fails the whole batch', (_name, payload) => {
  expect(batchOutcome(ids, payload).kind).toBe('rejected');
});
