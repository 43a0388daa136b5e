import * as fc from 'fast-check';
import {
  encodeKey,
  identityOf,
  type LandedObject,
  type NotifiedObject,
  parseNotification,
  type ParsedRecord,
  toS3Event,
} from './index.ts';
import {
  eventBridgeEvent,
  restoreCompletedEvent,
  restoreRecord,
  s3Record,
  testEvent,
  wrappedBySns,
} from './testing/documented-events.ts';

/** The only record of an event. */
function parsed(event: unknown): ParsedRecord {
  const notification = parseNotification(JSON.stringify(event));
  if (notification.kind !== 'records') throw new Error(JSON.stringify(notification));
  const [record, ...others] = notification.records;
  if (record === undefined || others.length > 0) throw new Error(`${others.length} records too many`);
  return record;
}

function landed(event: unknown): LandedObject {
  const record = parsed(event);
  if (record.kind !== 'landed') throw new Error(JSON.stringify(record));
  return record.landed;
}

function detail(event: unknown): string {
  const record = parsed(event);
  if (record.kind !== 'malformed') throw new Error(JSON.stringify(record));
  expect(record.event).toEqual(JSON.parse(JSON.stringify(event)));
  return record.detail;
}

/** Each form of a notification about a new object: its key is literal in EventBridge's, and form-encoded in the others. */
const forms: [string, (key: string) => unknown][] = [
  ['an S3 event', (key) => ({ Records: [s3Record({ key: encodeKey(key) })] })],
  ['an S3 event wrapped by SNS', (key) => wrappedBySns({ Records: [s3Record({ key: encodeKey(key) })] })],
  ['an EventBridge event', (key) => eventBridgeEvent({ key })],
  ['an EventBridge event wrapped by SNS', (key) => wrappedBySns(eventBridgeEvent({ key }))],
  ['an event of the reconciler', (key) => toS3Event([{ ...landed(eventBridgeEvent()), key }])],
];

const awkwardKeys = [
  'in/report.csv',
  'a+b.txt',
  'a b.txt',
  'a%2Bb.txt',
  'a%20b.txt',
  'a%252Bb.txt',
  '100%.txt',
  'ü/📦 (1).txt',
  '👩‍👩‍👧.json',
  'year=2026/m&m;~.csv',
  'folder/',
  'it\'s "quoted" \\ {json}',
  'line\nbreak\0',
];

describe('a new object', () => {
  const expected = { bucket: 'landing', size: 1024, etag: 'd41d8cd98f00b204e9800998ecf8427e' };
  const version = { kind: 'id', versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko' };

  describe.each(forms)('notified by %s', (_, form) => {
    it.each(awkwardKeys)('has the key %j', (key) => {
      expect(landed(form(key))).toMatchObject({ ...expected, key, version });
    });

    it('has any key', () => {
      const keys = fc
        .string({ unit: 'binary', minLength: 1, maxLength: 100 })
        .filter((key) => key.isWellFormed());
      fc.assert(
        fc.property(keys, (key) => {
          expect(landed(form(key)).key).toBe(key);
        }),
      );
    });

    it('leads to an event without the envelope that means the same', () => {
      const object = landed(form('a+b %2B.txt'));
      expect(landed(object.event)).toEqual(object);
    });
  });

  it('is the same object version in every form', () => {
    for (const key of awkwardKeys) {
      expect(new Set(forms.map(([, form]) => identityOf(landed(form(key))))).size).toBe(1);
    }
  });

  it('without a version id is the same object version in every form', () => {
    const s3 = { Records: [s3Record({ versionId: undefined })] };
    const bridge = eventBridgeEvent({ 'version-id': undefined });
    const objects = [s3, wrappedBySns(s3), bridge].map(landed);
    expect(objects[0]?.version).toMatchObject({ kind: 'sequencer', sequencer: '0055AED6DCD90281E5' });
    expect(new Set(objects.map(identityOf)).size).toBe(1);
  });

  it('has the time of the event', () => {
    expect(landed(eventBridgeEvent()).landedAt).toBe(Date.UTC(2026, 2, 1, 12));
    expect(landed(wrappedBySns({ Records: [s3Record()] })).landedAt).toBe(
      Date.UTC(2026, 2, 1, 12, 0, 0, 250),
    );
  });
});

describe('a restored object', () => {
  const created: NotifiedObject = landed({ Records: [s3Record({ key: 'a%2Bb' })] });

  it.each([
    ['S3', { Records: [restoreRecord('ObjectRestore:Completed', { key: 'a%2Bb' })] }],
    ['SNS', wrappedBySns({ Records: [restoreRecord('s3:ObjectRestore:Completed', { key: 'a%2Bb' })] })],
    ['EventBridge', restoreCompletedEvent({ key: 'a+b' })],
  ])('is the object version that landed, notified by %s', (_, event) => {
    expect(identityOf(landed(event))).toBe(identityOf(created));
  });

  it.each([
    ['S3', { Records: [restoreRecord('ObjectRestore:Completed', { size: undefined })] }],
    ['EventBridge', restoreCompletedEvent({ size: undefined })],
  ])('needs no size, notified by %s', (_, event) => {
    expect(landed(event).size).toBe(0);
  });

  it.each([
    [
      'S3',
      { Records: [restoreRecord('ObjectRestore:Completed', { versionId: undefined })] },
      'the record has neither a versionId nor a sequencer (got an object)',
    ],
    [
      'EventBridge',
      restoreCompletedEvent({ 'version-id': undefined }),
      'the event has neither a version-id nor a sequencer (got an object)',
    ],
  ])('without a version cannot be identified, notified by %s', (_, event, expected) => {
    expect(detail(event)).toBe(expected);
  });
});

describe('an event that announces no new object', () => {
  it.each([
    ['a removal', { Records: [s3Record({ size: undefined, eTag: undefined }, 'ObjectRemoved:Delete')] }],
    ['a restore that has started', { Records: [restoreRecord('ObjectRestore:Post')] }],
    ['a later format', { Records: [{ ...s3Record({}, 'ObjectTagging:Put'), eventVersion: '3.0' }] }],
    ['nothing but a name', { Records: [{ eventName: 'LifecycleTransition' }] }],
    ['a removal through EventBridge', eventBridgeEvent({ size: undefined }, 'Object Deleted')],
    ['new tags through EventBridge', eventBridgeEvent({}, 'Object Tags Added')],
    [
      "CloudTrail's event about S3",
      { source: 'aws.s3', 'detail-type': 'AWS API Call via CloudTrail', detail: {} },
    ],
  ])('is ignored: %s', (_, event) => {
    expect(parsed(event).kind).toBe('ignored');
    expect(parsed(wrappedBySns(event)).kind).toBe('ignored');
  });

  it('is named', () => {
    expect(parsed(eventBridgeEvent({}, 'Object Deleted'))).toEqual({
      kind: 'ignored',
      type: 'Object Deleted',
    });
    expect(parsed({ Records: [s3Record({}, 'ObjectAcl:Put')] })).toEqual({
      kind: 'ignored',
      type: 'ObjectAcl:Put',
    });
  });

  it('leaves the other records of its message as they are', () => {
    const event = { Records: [s3Record({}, 'ObjectRemoved:Delete'), s3Record(), { eventName: 5 }] };
    expect(parseNotification(JSON.stringify(event))).toMatchObject({
      records: [{ kind: 'ignored' }, { kind: 'landed' }, { kind: 'malformed' }],
    });
  });
});

describe("SNS's envelope", () => {
  it('is removed from a test event', () => {
    expect(parseNotification(JSON.stringify(wrappedBySns(testEvent)))).toEqual({ kind: 'test-event' });
  });

  it('keeps several records apart', () => {
    const event = wrappedBySns({ Records: [s3Record({ key: 'a' }), s3Record({ key: 'b' })] });
    expect(parseNotification(JSON.stringify(event))).toMatchObject({
      records: [
        { landed: { key: 'a', event: { Records: [s3Record({ key: 'a' })] } } },
        { landed: { key: 'b', event: { Records: [s3Record({ key: 'b' })] } } },
      ],
    });
  });

  it.each([
    ['no JSON', wrappedBySns('hello'), 'the message in SNS\'s envelope is not JSON: "hello"'],
    ['another envelope', wrappedBySns(wrappedBySns({})), 'the event is wrapped by SNS twice'],
    ['an unknown event', wrappedBySns({ a: 1 }), 'not an S3 event: Records is missing'],
    [
      'deep nesting',
      wrappedBySns(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
      'the event nests deeper than 20 levels',
    ],
    [
      'a request to confirm a subscription',
      { ...wrappedBySns('You have chosen to subscribe…'), Type: 'SubscriptionConfirmation' },
      'not an S3 event: Records is missing',
    ],
  ])('with %s is malformed', (_, event, expected) => {
    expect(parseNotification(JSON.stringify(event))).toEqual({ kind: 'malformed', detail: expected });
  });
});

describe('an EventBridge event', () => {
  it.each<[string, unknown, string]>([
    [
      'another source',
      { ...eventBridgeEvent(), source: 'com.example' },
      'source is another source than S3 (got "com.example")',
    ],
    [
      'an unknown type',
      eventBridgeEvent({}, 'Object Recreated'),
      'detail-type is not a known event of S3 (got "Object Recreated")',
    ],
    [
      'another format',
      eventBridgeEvent({}, undefined, { 'event-version': '2.0' }),
      'detail.event-version is another format than 1.x (got "2.0")',
    ],
    ['no key', eventBridgeEvent({ key: undefined }), 'detail.object.key is missing'],
    ['an empty key', eventBridgeEvent({ key: '' }), 'detail.object.key must not be empty (got "")'],
    [
      'a key too long',
      eventBridgeEvent({ key: 'é'.repeat(513) }),
      `detail.object.key is not a key of at most 1,024 bytes of UTF-8 (got "${'é'.repeat(120)}…")`,
    ],
    [
      'a lone surrogate',
      eventBridgeEvent({ key: '\ud800' }),
      'detail.object.key is not a key of at most 1,024 bytes of UTF-8 (got "\\ud800")',
    ],
    ['no size', eventBridgeEvent({ size: undefined }), 'detail.object.size is missing'],
    ['no ETag', eventBridgeEvent({ etag: undefined }), 'detail.object.etag is missing'],
    ['no detail', { ...eventBridgeEvent(), detail: null }, 'detail is not of type Object (got null)'],
    ['no time', { ...eventBridgeEvent(), time: 'soon' }, 'time is not an ISO 8601 time (got "soon")'],
  ])('with %s is malformed', (_, event, expected) => {
    expect(detail(event)).toBe(expected);
  });
});
