import { toS3Event } from '@data-aggregator/shared-processing/s3-event';
import { keysIn } from './ready-queue.ts';

const event = (...keys: string[]) =>
  JSON.stringify(
    toS3Event(
      keys.map((key) => ({
        ...{
          bucket: 'dist',
          key,
          version: { kind: 'id', versionId: 'v' },
          size: 1,
          etag: '0'.repeat(32),
          landedAt: 0,
        },
      })),
    ),
  );

it('finds the keys of a notification, decoded', () => {
  expect(keysIn(event('bundles/a b+c.tar.gz', 'bundles/x'), 'dist')).toEqual([
    'bundles/a b+c.tar.gz',
    'bundles/x',
  ]);
});

it('finds none in a test event', () => {
  expect(keysIn('{"Service":"Amazon S3","Event":"s3:TestEvent"}', 'dist')).toEqual([]);
});

it.each([
  ['about another bucket', event('bundles/x'), 'other'],
  ['that is not JSON', 'x', 'dist'],
  ['without records', '{}', 'dist'],
])('does not understand a message %s', (_, body, bucket) => {
  expect(keysIn(body, bucket)).toBeUndefined();
});
