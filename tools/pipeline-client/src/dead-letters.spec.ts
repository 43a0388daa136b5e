import { formatS3Record, identityOf, type ObjectVersion } from '@data-aggregator/shared-processing/s3-event';
import { quarantinedObjects } from './dead-letters.ts';

const object = (key: string): ObjectVersion => ({
  bucket: 'landing',
  key,
  version: { kind: 'id', versionId: 'v1' },
});
const bodyOf = (...keys: string[]) =>
  JSON.stringify({
    Records: keys.map((key) => formatS3Record({ ...object(key), size: 1, etag: 'e', landedAt: 0 })),
  });

describe('dead letters', () => {
  it('name the objects of their notifications, and the reason', () => {
    const attributes = { reason: 'gone', detail: 'no such key' };
    const quarantined = quarantinedObjects([
      { body: bodyOf('a b+'), attributes },
      { body: bodyOf('c', 'd'), attributes: {} },
      { body: 'no JSON', attributes },
      { body: '{"Records":[{"eventName":"ObjectRemoved:Delete"}]}', attributes },
    ]);
    const exhausted = { reason: 'received-too-often', detail: expect.any(String) };
    expect([...quarantined]).toEqual([
      [identityOf(object('a b+')), attributes],
      [identityOf(object('c')), exhausted],
      [identityOf(object('d')), exhausted],
    ]);
  });
});
