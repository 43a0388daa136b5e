import * as fc from 'fast-check';
import { type NotifiedObject, parseEvent, parseNotification, type ParsedRecord, toS3Event } from './index.ts';
import { s3Record, testEvent } from './testing/documented-events.ts';

const record = s3Record();

/** The documented record with replaced fields of its object; `undefined` omits one. */
const withObject = s3Record;

function outcome(of: unknown): ParsedRecord {
  const notification = parseNotification(JSON.stringify({ Records: [of] }));
  if (notification.kind !== 'records' || notification.records.length !== 1) {
    throw new Error(`not one record: ${JSON.stringify(notification)}`);
  }
  return notification.records[0] as ParsedRecord;
}

function landed(of: unknown) {
  const it = outcome(of);
  if (it.kind !== 'landed') throw new Error(JSON.stringify(it));
  return it.landed;
}

function detail(of: unknown) {
  const it = outcome(of);
  if (it.kind !== 'malformed') throw new Error('not malformed');
  expect(it.event).toEqual({ Records: [JSON.parse(JSON.stringify(of))] });
  return it.detail;
}

describe('parseNotification', () => {
  it('returns the object version with its size, ETag and landing time', () => {
    expect(landed(record)).toEqual({
      bucket: 'landing',
      key: 'in/report.csv',
      version: { kind: 'id', versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko' },
      size: 1024,
      etag: 'd41d8cd98f00b204e9800998ecf8427e',
      landedAt: Date.UTC(2026, 2, 1, 12, 0, 0, 250),
      event: { Records: [record] },
    });
  });

  it.each([
    ['in+a+b.txt', 'in a b.txt'],
    ['a%2Bb.txt', 'a+b.txt'],
    ['a%2520b', 'a%20b'],
    ['a%252Fb', 'a%2Fb'],
    ['%C3%BCber%2F%E2%82%AC', 'über/€'],
    ['%F0%9F%93%A6', '📦'],
    ['unescaped-ü', 'unescaped-ü'],
    ['%2E%2E/x', '../x'],
    ['folder/', 'folder/'],
    ['a//b', 'a//b'],
  ])('decodes %s once, to the key %j', (encoded, key) => {
    expect(landed(withObject({ key: encoded })).key).toBe(key);
  });

  it('decodes "a+b.txt" to "a b.txt"', () => {
    expect(landed(withObject({ key: 'a+b.txt' })).key).toBe('a b.txt');
    expect(landed(withObject({ key: 'a%20b.txt' })).key).toBe('a b.txt');
  });

  it.each(['%', '%2', 'a%zz', '%C3%28', '%FF', '%ED%A0%80', '%C0%AF', '\ud800', '', 'x'.repeat(1025)])(
    'reports the key %j as malformed',
    (key) => {
      expect(detail(withObject({ key }))).toMatch(/^s3\.object\.key /);
    },
  );

  it.each([undefined, null, '', 'null'])(
    'identifies an object with versionId %j by its sequencer',
    (versionId) => {
      expect(landed(withObject({ versionId })).version).toEqual({
        kind: 'sequencer',
        sequencer: '0055AED6DCD90281E5',
        etag: 'd41d8cd98f00b204e9800998ecf8427e',
      });
    },
  );

  it('reports a record with neither a version id nor a sequencer as malformed', () => {
    expect(detail(withObject({ versionId: 'null', sequencer: undefined }))).toBe(
      'the record has neither a versionId nor a sequencer (got an object)',
    );
  });

  it('accepts an empty object: 0 bytes are a file', () => {
    expect(landed(withObject({ size: 0 })).size).toBe(0);
  });

  it('removes quotes around the ETag', () => {
    expect(landed(withObject({ eTag: '"abc-2"' })).etag).toBe('abc-2');
  });

  it.each<[string, unknown, string]>([
    ['a negative size', withObject({ size: -1 }), 's3.object.size is negative (got -1)'],
    ['a broken size', withObject({ size: 1.5 }), 's3.object.size is not a whole number of bytes (got 1.5)'],
    [
      'an unsafe size',
      withObject({ size: 2 ** 53 }),
      's3.object.size is not a whole number of bytes (got 9007199254740992)',
    ],
    ['a size as text', withObject({ size: '12' }), 's3.object.size is not of type number (got "12")'],
    ['no size', withObject({ size: undefined }), 's3.object.size is missing'],
    ['no ETag', withObject({ eTag: undefined }), 's3.object.eTag is missing'],
    ['an empty ETag', withObject({ eTag: '""' }), 's3.object.eTag must not be empty (got "")'],
    [
      'an ETag that is invalid in a header',
      withObject({ eTag: 'abc\r\nx-evil: 1' }),
      's3.object.eTag is not printable ASCII without spaces and quotes (got "abc\\r\\nx-evil: 1")',
    ],
    [
      'an ETag with non-ASCII characters',
      withObject({ eTag: 'é' }),
      's3.object.eTag is not printable ASCII without spaces and quotes (got "é")',
    ],
    [
      'a version id that is not valid Unicode',
      withObject({ versionId: 'a\ud800' }),
      's3.object.versionId is not Unicode text of at most 1,024 bytes (got "a\\ud800")',
    ],
    [
      'a version id that is too long',
      withObject({ versionId: 'ü'.repeat(513) }),
      `s3.object.versionId is not Unicode text of at most 1,024 bytes (got "${'ü'.repeat(120)}…")`,
    ],
    [
      'a sequencer that is not hexadecimal',
      withObject({ sequencer: '00\ud800' }),
      's3.object.sequencer is not a hexadecimal number (got "00\\ud800")',
    ],
    ['no object', { ...record, s3: { bucket: record.s3.bucket } }, 's3.object is missing'],
    [
      'a bucket without a name',
      { ...record, s3: { ...record.s3, bucket: { name: '' } } },
      's3.bucket.name must not be empty (got "")',
    ],
    [
      'an invalid time',
      { ...record, eventTime: 'yesterday' },
      'eventTime is not an ISO 8601 time (got "yesterday")',
    ],
    [
      'an unknown kind of creation',
      { ...record, eventName: 'VersionCreated:Put' },
      'eventName is not a known event of S3 (got "VersionCreated:Put")',
    ],
    ['no event name', { ...record, eventName: undefined }, 'eventName is missing'],
    [
      'another source',
      { ...record, eventSource: 'aws:sns' },
      'eventSource is another source than S3 (got "aws:sns")',
    ],
    [
      'another format',
      { ...record, eventVersion: '3.0' },
      'eventVersion is another format than 2.x (got "3.0")',
    ],
    ['nothing', null, 'the record is not of type Object (got null)'],
    [
      'several mistakes',
      withObject({ size: -1, eTag: 5 }),
      's3.object.size is negative (got -1); s3.object.eTag is not of type string (got 5)',
    ],
  ])('reports %s as malformed', (_, of, expected) => {
    expect(detail(of)).toBe(expected);
  });

  it('describes a value without the characters that SQS rejects', () => {
    const text = detail(withObject({ size: 'a\0\n\ud800\uffff' }));
    expect(text).toBe('s3.object.size is not of type number (got "a\\u0000\\n\\ud800\\uffff")');
  });

  it('shortens the description of a long value', () => {
    const text = detail(withObject({ size: 'x'.repeat(1_000_000) }));
    expect(text.length).toBeLessThan(200);
    expect(text).toContain('xxx…');
  });
});

describe('a message', () => {
  it('with one malformed record keeps the others', () => {
    const body = JSON.stringify({ Records: [withObject({ key: 'a' }), { s3: 1 }, withObject({ key: 'b' })] });
    const notification = parseNotification(body);
    expect(notification).toMatchObject({
      kind: 'records',
      records: [
        { kind: 'landed', landed: { key: 'a' } },
        { kind: 'malformed', event: { Records: [{ s3: 1 }] } },
        { kind: 'landed', landed: { key: 'b' } },
      ],
    });
  });

  it('can be the test event that S3 sends when notifications are configured', () => {
    expect(parseNotification(JSON.stringify(testEvent))).toEqual({ kind: 'test-event' });
  });

  it.each([
    ['', 'the message body is not JSON: ""'],
    ['{"Records":[', 'the message body is not JSON: "{\\"Records\\":["'],
    ['null', 'not an S3 event: the event is not of type Object (got null)'],
    ['[]', 'not an S3 event: Records is missing'],
    ['{"Records":[]}', 'not an S3 event: Records is empty (got an array)'],
    ['{"Records":{"length":1}}', 'not an S3 event: Records is not of type Array (got an object)'],
    ['{"__proto__":{"Records":[{}]}}', 'not an S3 event: Records is missing'],
  ])('%j is malformed as a whole', (body, expected) => {
    expect(parseNotification(body)).toEqual({ kind: 'malformed', detail: expected });
  });

  it('with deep nesting is malformed, and the result can be serialised as JSON', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const body = `{"Records":[${JSON.stringify(record)},${deep}]}`;
    expect(parseNotification(body)).toEqual({
      kind: 'malformed',
      detail: 'the event nests deeper than 20 levels',
    });
  });

  it('with a key such as "__proto__" changes no prototype', () => {
    const body = `{"Records":[{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}]}`;
    expect(parseNotification(body)).toMatchObject({ kind: 'records', records: [{ kind: 'malformed' }] });
    expect({}).not.toHaveProperty('polluted');
  });

  it('with any text never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        const notification = parseNotification(body);
        expect(['test-event', 'records', 'malformed']).toContain(notification.kind);
      }),
    );
  });

  it('with any records returns a result for each, and never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 4 }), { minLength: 1 }), (records) => {
        expect(parseEvent({ Records: records })).toMatchObject({
          kind: 'records',
          records: records.map((it) => ({ kind: 'malformed', event: { Records: [it] } })),
        });
      }),
    );
  });
});

describe('toS3Event', () => {
  const name = fc
    .string({ minLength: 1, maxLength: 80, unit: 'binary' })
    .filter((text) => text.isWellFormed());
  const version = fc.oneof(
    fc.record({ kind: fc.constant('id' as const), versionId: name.filter((id) => id !== 'null') }),
    fc.record({ kind: fc.constant('sequencer' as const), sequencer: fc.stringMatching(/^[0-9A-F]{16,20}$/) }),
  );
  const notification = fc
    .record({
      bucket: fc.stringMatching(/^[a-z0-9]{3,20}$/),
      key: name,
      version,
      size: fc.maxSafeNat(),
      etag: fc.stringMatching(/^[0-9a-f]{32}(-[1-9])?$/),
      landedAt: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    })
    .map(({ version: it, ...rest }): NotifiedObject => ({
      ...rest,
      version: it.kind === 'id' ? it : { ...it, etag: rest.etag },
    }));

  it('is the inverse of parseEvent', () => {
    fc.assert(
      fc.property(fc.array(notification, { minLength: 1, maxLength: 5 }), (notifications) => {
        const event = toS3Event(notifications);
        expect(parseNotification(JSON.stringify(event))).toEqual({
          kind: 'records',
          records: notifications.map((it, index) => ({
            kind: 'landed',
            landed: { ...it, event: { Records: [event.Records[index]] } },
          })),
        });
      }),
    );
  });
});
