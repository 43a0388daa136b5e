import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  RestoreObjectCommand,
} from '@aws-sdk/client-s3';
import { encodeKey, parseNotification } from '@data-aggregator/shared-processing/s3-event';
import fc from 'fast-check';
import { eventBridgeEntry } from './event-bridge.ts';
import {
  matchingRules,
  type NotificationRule,
  type ObjectEvent,
  s3EventMessage,
  s3TestMessage,
} from './notifications.ts';
import { s3UnderTest, type S3UnderTest } from '../testing/sdk.ts';

let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await s3UnderTest({ region: 'eu-central-1', accountId: '111122223333' });
});
afterAll(() => s3.stop());

const put = (Bucket: string, Key: string) =>
  s3.client.send(new PutObjectCommand({ Bucket, Key, Body: 'bytes' }));
const last = () => {
  const event = s3.events.at(-1);
  if (event === undefined) throw new Error('There was no event.');
  return event;
};

describe('the message of an event', () => {
  it("has S3's form", async () => {
    const { VersionId, $metadata } = await put('versioned', 'in/a b+ü.txt');
    expect(s3EventMessage(last(), 'to-queue')).toEqual({
      Records: [
        {
          eventVersion: '2.1',
          eventSource: 'aws:s3',
          awsRegion: 'eu-central-1',
          eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          eventName: 'ObjectCreated:Put',
          userIdentity: { principalId: 'AWS:AKTEST' },
          requestParameters: { sourceIPAddress: '127.0.0.1' },
          responseElements: {
            'x-amz-request-id': $metadata.requestId,
            'x-amz-id-2': $metadata.extendedRequestId,
          },
          s3: {
            s3SchemaVersion: '1.0',
            configurationId: 'to-queue',
            bucket: {
              name: 'versioned',
              ownerIdentity: { principalId: '111122223333' },
              arn: 'arn:aws:s3:::versioned',
            },
            object: {
              key: 'in/a+b%2B%C3%BC.txt',
              size: 5,
              eTag: '4b3a6218bb3e3a7303e8a171a60fcf92',
              versionId: VersionId,
              sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
            },
          },
        },
      ],
    });
  });

  it('has no version id if the bucket has no versions', async () => {
    await put('plain', 'key');
    expect(s3EventMessage(last(), 'x').Records[0]?.s3.object).not.toHaveProperty('versionId');
  });

  it('reports a delete marker', async () => {
    const { VersionId } = await s3.client.send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'gone' }));
    const [record] = s3EventMessage(last(), 'x').Records;
    expect(record?.eventName).toBe('ObjectRemoved:DeleteMarkerCreated');
    expect(record?.s3.object).toMatchObject({ key: 'gone', versionId: VersionId });
    expect(record?.s3.object).not.toHaveProperty('size');
  });
});

describe('an event without a sequencer', () => {
  const lastTwo = () => s3.events.slice(-2).map((event) => s3EventMessage(event, 'x').Records[0]);

  it('reports changed tags of a version', async () => {
    const { VersionId } = await put('versioned', 'tagged');
    const target = { Bucket: 'versioned', Key: 'tagged' };
    const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };
    await s3.client.send(new PutObjectTaggingCommand({ ...target, Tagging }));
    await s3.client.send(new DeleteObjectTaggingCommand(target));
    const object = { key: 'tagged', versionId: VersionId, eTag: '4b3a6218bb3e3a7303e8a171a60fcf92' };
    expect(lastTwo()).toMatchObject([
      { eventName: 'ObjectTagging:Put', eventVersion: '2.3', s3: { object } },
      { eventName: 'ObjectTagging:Delete', eventVersion: '2.3', s3: { object } },
    ]);
    expect(lastTwo()[0]?.s3.object).toEqual(object);
  });

  it('reports the start and the end of a restore', async () => {
    const target = { Bucket: 'versioned', Key: 'cold' };
    const StorageClass = 'GLACIER' as const;
    const { VersionId } = await s3.client.send(
      new PutObjectCommand({ ...target, Body: 'bytes', StorageClass }),
    );
    await s3.client.send(new RestoreObjectCommand({ ...target, RestoreRequest: { Days: 1 } }));
    const object = { key: 'cold', size: 5, versionId: VersionId, eTag: '4b3a6218bb3e3a7303e8a171a60fcf92' };
    const [post, completed] = lastTwo();
    expect([post?.eventName, completed?.eventName]).toEqual([
      'ObjectRestore:Post',
      'ObjectRestore:Completed',
    ]);
    expect([post?.s3.object, completed?.s3.object]).toEqual([object, object]);
    expect(post).not.toHaveProperty('glacierEventData');
    expect(completed).toMatchObject({
      glacierEventData: {
        restoreEventData: {
          lifecycleRestorationExpiryTime: expect.stringMatching(/T00:00:00\.000Z$/),
          lifecycleRestoreStorageClass: 'GLACIER',
        },
      },
    });
    expect(eventBridgeEntry(last())).toMatchObject({
      detailType: 'Object Restore Completed',
      detail: {
        object: { key: 'cold', size: 5, 'version-id': VersionId, sequencer: undefined },
        requester: 's3.amazonaws.com',
        'restore-expiry-time': expect.stringMatching(/T00:00:00Z$/),
        'source-storage-class': 'GLACIER',
      },
    });
  });

  it('reports the end of a restore once its time is over', async () => {
    const slow = await s3UnderTest({ restoreDelayMs: 100 });
    const target = { Bucket: 'plain', Key: 'cold' };
    await slow.client.send(new PutObjectCommand({ ...target, Body: '', StorageClass: 'DEEP_ARCHIVE' }));
    await slow.client.send(new RestoreObjectCommand({ ...target, RestoreRequest: { Days: 1 } }));
    const names = () => slow.events.slice(1).map(({ name }) => name);
    expect(names()).toEqual(['ObjectRestore:Post']);
    await sleep(150);
    expect(names()).toEqual(['ObjectRestore:Post', 'ObjectRestore:Completed']);
    await slow.stop();
  });
});

describe("EventBridge's event", () => {
  it("has S3's form, with the key as it is", async () => {
    const { VersionId, $metadata } = await put('versioned', 'in/a b+%2Bü📦.txt');
    expect(eventBridgeEntry(last())).toEqual({
      source: 'aws.s3',
      detailType: 'Object Created',
      resources: ['arn:aws:s3:::versioned'],
      time: last().time,
      detail: {
        version: '0',
        'event-version': '1.0',
        bucket: { name: 'versioned' },
        object: {
          key: 'in/a b+%2Bü📦.txt',
          size: 5,
          etag: '4b3a6218bb3e3a7303e8a171a60fcf92',
          'version-id': VersionId,
          sequencer: last().sequencer,
        },
        'request-id': $metadata.requestId,
        requester: '111122223333',
        'source-ip-address': '127.0.0.1',
        reason: 'PutObject',
      },
    });
  });

  it('says how an object was deleted', async () => {
    const target = { Bucket: 'versioned', Key: 'gone' };
    const { VersionId } = await put(target.Bucket, target.Key);
    const deletion = () => {
      const { detailType, detail } = eventBridgeEntry(last());
      return [detailType, (detail as Record<string, unknown>)['deletion-type']];
    };
    await s3.client.send(new DeleteObjectCommand(target));
    expect(deletion()).toEqual(['Object Deleted', 'Delete Marker Created']);
    await s3.client.send(new DeleteObjectCommand({ ...target, VersionId }));
    expect(deletion()).toEqual(['Object Deleted', 'Permanently Deleted']);
  });

  it('is wanted by buckets that send their events to EventBridge', async () => {
    s3.createBucket({ name: 'to-event-bridge', versioning: false, toEventBridge: true });
    await put('to-event-bridge', 'key');
    expect(last().toEventBridge).toBe(true);
    await put('plain', 'key');
    expect(last().toEventBridge).toBe(false);
  });
});

it("a key's sequencers increase even if the clock stands still", async () => {
  const still = await s3UnderTest({ clock: () => 1_800_000_000_000 });
  for (let count = 0; count < 3; count++) {
    await still.client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'key', Body: '' }));
  }
  const sequencers = still.events.map(({ sequencer }) => sequencer);
  expect([...new Set(sequencers)].sort()).toEqual(sequencers);
  await still.stop();
});

it('a failing event listener does not undo the request', async () => {
  const failures: unknown[] = [];
  const failing = await s3UnderTest({
    onEvent() {
      throw new Error('The queue is gone.');
    },
    onUnexpected: (error) => failures.push(error),
  });
  const target = { Bucket: 'plain', Key: 'key' };
  await failing.client.send(new PutObjectCommand({ ...target, Body: 'x'.repeat(100_000) }));
  const { Body } = await failing.client.send(new GetObjectCommand(target));
  expect(await Body?.transformToByteArray()).toHaveLength(100_000);
  expect(failures).toMatchObject([{ message: 'The queue is gone.' }]);
  await failing.stop();
});

describe('rules', () => {
  const rule = (
    id: string,
    events: string[],
    ends: { prefix?: string; suffix?: string } = {},
  ): NotificationRule => ({
    id,
    events,
    target: 'arn',
    ...ends,
  });

  it.each([
    ['any creation', rule('a', ['s3:ObjectCreated:*']), true],
    ['this creation', rule('a', ['s3:ObjectCreated:Put']), true],
    ['another creation', rule('a', ['s3:ObjectCreated:Copy']), false],
    ['removal', rule('a', ['s3:ObjectRemoved:*']), false],
    ['several', rule('a', ['s3:ObjectRemoved:*', 's3:ObjectCreated:Put']), true],
    ['prefix and suffix', rule('a', ['s3:ObjectCreated:*'], { prefix: 'in/', suffix: '.txt' }), true],
    ['another prefix', rule('a', ['s3:ObjectCreated:*'], { prefix: 'out/' }), false],
    ['another suffix', rule('a', ['s3:ObjectCreated:*'], { suffix: '.csv' }), false],
  ])('match by %s', (_, candidate, matches) => {
    const event = { name: 'ObjectCreated:Put', key: 'in/file.txt' } as const;
    expect(matchingRules([candidate], event)).toEqual(matches ? [candidate] : []);
  });

  it('compare with the key as encoded in events, like S3', () => {
    const key = 'exports~2026/year=26/a b.txt';
    const matches = (prefix: string) =>
      matchingRules([rule('a', ['s3:ObjectCreated:*'], { prefix })], { name: 'ObjectCreated:Put', key })
        .length > 0;
    expect(matches('exports%7E2026/year%3D26/a+b')).toBe(true);
    expect(matches('exports~2026/')).toBe(false);
  });

  const event = (key: string): ObjectEvent => ({
    ...{ name: 'ObjectCreated:Put', time: 0, region: 'eu-west-2', accountId: '000000000000' },
    ...{ requestId: 'R', hostId: 'H', accessKeyId: undefined, sourceIp: '127.0.0.1', bucket: 'landing', key },
    ...{ versionId: 'v1', size: 1, etag: 'abc', sequencer: '01', rules: [], toEventBridge: false },
  });
  const ends = (key: string, at: number) => ({
    prefix: encodeKey([...key].slice(0, at).join('')),
    suffix: encodeKey([...key].slice(at).join('')),
  });
  const keys = fc.oneof(
    fc.constantFrom('in box/a', 'über/b', 'exports~2026/c', 'a+b/100%/d', "!'()*/e", '😀/f', 'x=1&y;/g'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  );

  it("match every key by its own prefix and suffix, and the event's key decodes to it", () => {
    fc.assert(
      fc.property(keys, fc.nat({ max: 40 }), (key, at) => {
        const candidate = rule('a', ['s3:ObjectCreated:*'], ends(key, at));
        expect(matchingRules([candidate], { name: 'ObjectCreated:Put', key })).toEqual([candidate]);
        const notification = parseNotification(JSON.stringify(s3EventMessage(event(key), 'a')));
        expect(notification).toMatchObject({ records: [{ kind: 'landed', landed: { key } }] });
      }),
    );
  });

  it('do not match keys with another prefix', () => {
    fc.assert(
      fc.property(keys, keys, (key, other) => {
        fc.pre(!key.startsWith(other));
        const candidate = rule('a', ['s3:ObjectCreated:*'], { prefix: encodeKey(other) });
        expect(matchingRules([candidate], { name: 'ObjectCreated:Put', key })).toEqual([]);
      }),
    );
  });

  it("are passed with their bucket's events", async () => {
    const notifications = [
      rule('wanted', ['s3:ObjectCreated:*'], { prefix: 'in/' }),
      rule('not', ['s3:x:*']),
    ];
    s3.createBucket({ name: 'notifying', versioning: false, notifications });
    await put('notifying', 'in/key');
    expect(last().rules.map(({ id }) => id)).toEqual(['wanted']);
    await put('notifying', 'out/key');
    expect(last().rules).toEqual([]);
  });
});

it("the test message has S3's form", () => {
  const ids = { requestId: 'R', hostId: 'H' };
  expect(s3TestMessage({ bucket: 'b', time: 0, ...ids })).toEqual({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: '1970-01-01T00:00:00.000Z',
    Bucket: 'b',
    RequestId: 'R',
    HostId: 'H',
  });
});
