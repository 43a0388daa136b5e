import { EventPatternError, matchesEvent, parseEventPattern } from './event-pattern.ts';

const event = {
  source: 'orders',
  'detail-type': 'Order placed',
  resources: ['arn:one', 'arn:two'],
  detail: {
    state: 'open',
    amount: 12.5,
    urgent: false,
    note: null,
    tags: ['a', 'b'],
    none: [],
    lines: [
      { item: 'pen', count: 1 },
      { item: 'ink', count: 3 },
    ],
  },
};
const matches = (pattern: object) => matchesEvent(parseEventPattern(pattern), event);
const detail = (pattern: object) => matches({ detail: pattern });

test.each<[object, object]>([
  [{ state: ['shut', 'open'] }, { state: ['shut'] }],
  [{ amount: [12.5] }, { amount: ['12.5'] }],
  [{ urgent: [false] }, { urgent: [true] }],
  [{ note: [null] }, { state: [null] }],
  [{ tags: ['b'] }, { tags: ['c'] }],
  [
    { state: ['open'], tags: ['a'] },
    { state: ['open'], tags: ['c'] },
  ],
  [{ lines: { item: ['ink'], count: [3] } }, { lines: { item: ['pen'], count: [3] } }],
  [{ state: [{ prefix: 'op' }] }, { amount: [{ prefix: '12' }] }],
  [{ state: [{ suffix: 'en' }] }, { state: [{ suffix: 'op' }] }],
  [{ state: [{ exists: true }] }, { state: [{ exists: false }] }],
  [{ missing: [{ exists: false }] }, { missing: [{ exists: true }] }],
  [{ missing: { below: [{ exists: false }] } }, { missing: { below: [{ exists: true }] } }],
  [{ none: [{ exists: false }] }, { none: [{ exists: true }] }],
  [{ missing: ['x', { exists: false }] }, { missing: ['x'] }],
  [{ state: [{ 'anything-but': 'shut' }] }, { state: [{ 'anything-but': 'open' }] }],
  [{ state: [{ 'anything-but': ['shut', 'done'] }] }, { state: [{ 'anything-but': ['open', 'done'] }] }],
  [{ state: [{ 'anything-but': { prefix: 'sh' } }] }, { state: [{ 'anything-but': { prefix: 'op' } }] }],
  [{ amount: [{ 'anything-but': 12 }] }, { missing: [{ 'anything-but': 'x' }] }],
  [{ amount: [{ numeric: ['>', 12, '<=', 12.5] }] }, { amount: [{ numeric: ['>', 12.5] }] }],
  [{ amount: [{ numeric: ['=', 12.5] }] }, { state: [{ numeric: ['>', 0] }] }],
  [{ amount: [{ numeric: ['>=', 12.5, '<', 13] }] }, { amount: [{ numeric: ['<', 12.5] }] }],
])('%j matches and %j does not', (one, other) => {
  expect(detail(one)).toBe(true);
  expect(detail(other)).toBe(false);
});

test.each<[string, string[], string[]]>([
  ['in/*.csv', ['in/.csv', 'in/a/b.csv', 'in/.csv.csv'], ['in/a.csv.gz', 'in.csv', 'xin/a.csv']],
  ['a*a', ['aa', 'aba'], ['a', 'ab', '']],
  ['*', ['', 'anything'], []],
  ['*b*', ['b', 'abc', 'bb'], ['', 'ac']],
  ['a*b*c', ['abc', 'axbxc', 'abbcc'], ['acb', 'ac', 'abxd']],
  ['a', ['a'], ['aa', '']],
  ['\\**\\\\', ['*\\', '*x\\'], ['x\\', '*']],
])('the wildcard %j', (pattern, wanted, others) => {
  const accepts = (key: string) => matchesEvent(parseEventPattern({ key: [{ wildcard: pattern }] }), { key });
  expect(wanted.filter((key) => !accepts(key))).toEqual([]);
  expect(others.filter(accepts)).toEqual([]);
});

test('fields other than detail are matched as well', () => {
  expect(matches({ source: ['orders'], resources: [{ suffix: ':two' }] })).toBe(true);
  expect(matches({ source: ['orders'], 'detail-type': ['Order paid'] })).toBe(false);
});

test.each<[unknown, string]>([
  [
    { source: [{ 'equals-ignore-case': 'x' }] },
    'pattern.source: the operator equals-ignore-case is not supported',
  ],
  [{ detail: { ip: [{ cidr: '10.0.0.0/8' }] } }, 'pattern.detail.ip: the operator cidr is not supported'],
  [{ $or: [{ source: ['a'] }] }, 'the operator $or is not supported'],
  [{ source: [{ 'anything-but': { cidr: '10.0.0.0/8' } }] }, 'the operator cidr is not supported'],
  [{ source: [{ wildcard: 'a**' }] }, 'wildcard does not take "a**"'],
  [{ source: [{ wildcard: 'a\\' }] }, 'wildcard does not take'],
  [{ source: [{ wildcard: '\\a' }] }, 'wildcard does not take'],
  [{ source: [{ wildcard: 5 }] }, 'wildcard does not take 5'],
  [{ source: [{ numeric: ['!=', 1] }] }, 'numeric does not take ["!=",1]'],
  [{ source: [{ exists: 'yes' }] }, 'exists does not take "yes"'],
  [{ source: [{ prefix: 'a', suffix: 'b' }] }, 'something other than a value or a single operator'],
  [{ source: [] }, 'an empty list'],
  [{ source: 'orders' }, 'pattern.source is neither a list nor an object'],
  [{ detail: {} }, 'pattern.detail is empty'],
])('%j is refused', (pattern, reason) => {
  expect(() => parseEventPattern(pattern)).toThrow(EventPatternError);
  expect(() => parseEventPattern(pattern)).toThrow(reason);
});
