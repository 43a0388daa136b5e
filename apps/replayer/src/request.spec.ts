import sample from '../events/sample.json' with { type: 'json' };
import { parseRequest, ReplayRequestError } from './request.ts';

const range = { from: '2026-11-22T08:00:00Z', to: '2026-11-22T09:00:00Z' };

describe('parseRequest', () => {
  it('plans unless the request says to execute', () => {
    expect(parseRequest(sample)).toEqual({
      requestId: 'sample',
      selection: { kind: 'range', range: { from: Date.parse(range.from), to: Date.parse(range.to) } },
      execute: false,
      tier: 'Bulk',
      after: undefined,
    });
  });

  it('may be limited to a group, and only by its name', () => {
    const { selection } = parseRequest({ requestId: 'r', ...range, group: 'acme' });
    expect(selection).toMatchObject({ kind: 'range', range: { group: 'acme' } });
  });

  it.each([
    ['a group without a range', { requestId: 'r', group: 'acme' }, 'a group needs a range'],
    ['the text of a group', { requestId: 'r', ...range, group: 'ACME' }, 'group: is not the name of a group'],
    ['nothing', null, 'the event'],
    ['no id', range, 'requestId'],
    ['an id that is a path', { requestId: '../x', ...range }, 'requestId: is not a name'],
    ['an id that contains a path', { requestId: 'x/../y', ...range }, 'requestId: is not a name'],
    ['no selection', { requestId: 'r' }, 'give exactly one of'],
    ['two selections', { requestId: 'r', bundles: ['bundles/a'], originalKey: 'a' }, 'give exactly one of'],
    [
      'three selections',
      { requestId: 'r', bundles: ['bundles/a'], originalKey: 'a', ...range },
      'give exactly one of',
    ],
    ['bundles and a range', { requestId: 'r', bundles: ['bundles/a'], ...range }, 'give exactly one of'],
    ['half a range', { requestId: 'r', from: range.from }, 'a range needs "from" and "to"'],
    ['the other half', { requestId: 'r', originalKey: 'a', to: range.to }, 'a range needs "from" and "to"'],
    ['an empty range', { requestId: 'r', from: range.from, to: range.from }, 'the earlier first'],
    [
      'a range that ends before it starts',
      { requestId: 'r', from: range.to, to: range.from },
      'the earlier first',
    ],
    ['a key that is not a bundle', { requestId: 'r', bundles: ['replays/a'] }, 'is not the key of a bundle'],
    ['an unknown field', { requestId: 'r', ...range, dryRun: false }, 'dryRun'],
  ])('rejects %s with one sentence', (_, event, sentence) => {
    expect(() => parseRequest(event)).toThrow(ReplayRequestError);
    expect(() => parseRequest(event)).toThrow(sentence);
  });
});
