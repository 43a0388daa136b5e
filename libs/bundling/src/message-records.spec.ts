import type { LandedObject } from '@data-aggregator/shared-processing/s3-event';
import { bodyOf, recordsOf } from './message-records.ts';
import { candidate, recordOf } from './testing/landed.ts';

const admission = { landingBucket: 'landing', landingIsVersioned: true, maxObjectBytes: 1_000 };

const landedWith = (record: unknown): LandedObject => ({
  ...candidate('a.txt', 1).landed,
  event: { Records: [record] },
});

describe('bodyOf', () => {
  it('contains one record', () => {
    expect(bodyOf(landedWith({ a: 1 }))).toBe('{"Records":[{"a":1}]}');
  });

  it('is text that SQS accepts, whatever the record contains', () => {
    const record = { key: 'a\uffff\ufffe\ud800\u0000' };
    const body = bodyOf(landedWith(record));
    for (const refused of ['\uffff', '\ufffe', '\ud800', '\u0000']) expect(body).not.toContain(refused);
    expect(JSON.parse(body)).toEqual({ Records: [record] });
  });

  it('keeps what identifies the object if the record is too long for a message', () => {
    const landed = landedWith({ padding: 'x'.repeat(1024 ** 2) });
    const body = bodyOf(landed);
    expect(body.length).toBeLessThan(1_000);
    const [again] = recordsOf({ messageId: 'm', body }, admission);
    expect(again).toMatchObject({ kind: 'candidate', candidate: { id: candidate('a.txt', 1).id } });
  });
});

describe('an EventBridge event', () => {
  const event = (bucket: string, detailType = 'Object Created') => ({
    'detail-type': detailType,
    source: 'aws.s3',
    time: '2026-11-25T18:00:00Z',
    detail: {
      bucket: { name: bucket },
      object: { key: 'a+b%20c.txt', size: 3, etag: 'e', 'version-id': 'v1', sequencer: '00' },
    },
  });
  const recordsIn = (body: unknown) => recordsOf({ messageId: 'm', body: JSON.stringify(body) }, admission);

  it('names a candidate, which is sent on as the same event', () => {
    const [record] = recordsIn(event('landing'));
    if (record?.kind !== 'candidate') throw new Error(JSON.stringify(record));
    expect(record.candidate.landed.key).toBe('a+b%20c.txt');
    expect(JSON.parse(bodyOf(record.candidate.landed))).toEqual(event('landing'));
  });

  it('keeps its form in a dead letter', () => {
    expect(recordsIn(event('other'))).toMatchObject([
      { kind: 'refused', reason: 'unknown-bucket', body: JSON.stringify(event('other')) },
    ]);
    const malformed = { ...event('landing'), time: 'soon' };
    expect(recordsIn(malformed)).toMatchObject([
      { kind: 'refused', reason: 'malformed-notification', body: JSON.stringify(malformed) },
    ]);
  });

  it('that announces no new object is ignored, also for another bucket', () => {
    expect(recordsIn(event('other', 'Object Deleted'))).toEqual([
      { kind: 'ignored', messageId: 'm', type: 'Object Deleted' },
    ]);
  });

  it('that is too long for a message is sent on as an S3 event about the same object', () => {
    const [record] = recordsIn({ ...event('landing'), padding: 'x'.repeat(1024 ** 2) });
    if (record?.kind !== 'candidate') throw new Error(JSON.stringify(record));
    const [again] = recordsIn(JSON.parse(bodyOf(record.candidate.landed)));
    expect(again).toMatchObject({ kind: 'candidate', candidate: { id: record.candidate.id } });
  });
});

describe('an object larger than any bundle can hold', () => {
  it('is refused by the size in its notification', () => {
    const records = [1_000, 1_001].flatMap((size) => {
      const version = {
        content: Buffer.alloc(size),
        versionId: 'v1',
        etag: 'e',
        metadata: {},
        lastModified: 0,
      };
      const body = JSON.stringify({ Records: [recordOf('a.txt', version)] });
      return recordsOf({ messageId: 'm', body }, admission);
    });
    expect(records).toMatchObject([{ kind: 'candidate' }, { kind: 'refused', reason: 'too-large' }]);
  });
});

describe('a notification without a version', () => {
  const notification = (sequencer: string, versionId?: string | null) =>
    JSON.stringify({
      Records: [
        {
          eventVersion: '2.1',
          eventSource: 'aws:s3',
          eventTime: '2026-11-25T18:00:00.000Z',
          eventName: 'ObjectCreated:Put',
          s3: {
            s3SchemaVersion: '1.0',
            bucket: { name: 'landing', arn: 'arn:aws:s3:::landing' },
            object: {
              key: 'orders/1.json',
              size: 3,
              eTag: 'f97c5d29941bfb1b2fdab0874906ab82',
              versionId,
              sequencer,
            },
          },
        },
      ],
    });

  it.each([undefined, null, '', 'null'])('is refused if landing keeps versions: %p', (versionId) => {
    const records = recordsOf(
      { messageId: 'm', body: notification('0055AED6DCD90281E5', versionId) },
      admission,
    );
    expect(records).toMatchObject([{ kind: 'refused', reason: 'version-missing', messageId: 'm' }]);
  });

  it('is a candidate if landing keeps no versions', () => {
    const unversioned = { ...admission, landingIsVersioned: false };
    const records = recordsOf({ messageId: 'm', body: notification('0055AED6DCD90281E5') }, unversioned);
    expect(records).toMatchObject([{ kind: 'candidate' }]);
  });
});
