import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { intakeOf } from '@data-aggregator/pipeline-client';
import { notificationOf, recordOf, startSandbox, withoutNotifications } from '../testing/sandbox.ts';

describe('notifications that can never succeed', () => {
  it('go to the dead-letter queue at once, with reason and original, and neither delay others nor take removals along', async () => {
    await using pipeline = await startSandbox({ transformTemplate: withoutNotifications });
    const { put, send, end, services, cloud } = pipeline;
    const [good, other, deleted] = [await put('good'), await put('other'), await put('deleted')];
    if (deleted.version.kind === 'id') {
      const { bucket: Bucket, key: Key, version } = deleted;
      await services.s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: version.versionId }));
    }
    const unknown = recordOf({ ...good, bucket: 'some-other-bucket' });
    const gone = recordOf(deleted);
    const traversal = recordOf({ ...good, key: 'a/../../etc/passwd' });
    const huge = recordOf({ ...good, key: 'huge', size: 60 * 1024 ** 4 });
    const removal = { ...recordOf(good), eventName: 'ObjectRemoved:Delete' };
    const [noJson, noEvent] = ['{"Records": [', '{"hello":"world"}'];

    await send(notificationOf(recordOf(good), unknown, gone, traversal, huge, removal, recordOf(other)));
    await send(noJson);
    await send(noEvent);
    const { delivery, dead } = await end();

    expect(delivery.delivered).toEqual([good, other]);
    expect(delivery.quarantined).toEqual([
      { key: 'deleted', reason: 'gone', detail: expect.stringContaining('deleted') },
    ]);
    expect(delivery).toMatchObject({ missing: [], mismatched: [] });
    const letters = dead.map(({ attributes, body }) => [attributes['reason'], body]);
    const expected = [
      ['unknown-bucket', notificationOf(unknown)],
      ['gone', notificationOf(gone)],
      ['unsafe-key', notificationOf(traversal)],
      ['too-large', notificationOf(huge)],
      ['malformed-notification', noJson],
      ['malformed-notification', noEvent],
    ];
    expect(letters.sort()).toEqual(expected.sort());
    // At once: no message came back to be received again.
    expect(intakeOf(await cloud.stats())).toMatchObject({ itemFailures: 0, errors: 0 });
  });
});
