import type { LandedObject } from '@data-aggregator/shared-processing/s3-event';
import { bodyOf, recordsOf } from './message-records.ts';
import { candidate } from './testing/landed.ts';

const admission = { landingBucket: 'landing', landingIsVersioned: true, maxObjectBytes: 1_000 };

const landedWith = (record: unknown): LandedObject => ({ ...candidate('a.txt', 1).landed, record });

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
