import { createServer } from 'node:http';
import type { S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { systemClock } from '../retry/index.ts';
import { createObjectStore, createS3Client, createSignedObjectStore } from '../s3/index.ts';
import { encodeKey, parseNotification } from '../s3-event/index.ts';
import { type StandIn, standInForAws } from '../testing/index.ts';
import { openObject } from './index.ts';

/*
 * The parts of a notification that enter a request (key, version id, ETag) are validated when it is parsed. So a parsed
 * record can always become a request, and a hostile one is refused immediately instead of failing at every receive.
 */

const connections = { maxSockets: 4 };
let aws: StandIn;
let client: S3Client;

beforeAll(async () => {
  const server = createServer((_request, response) => {
    response.writeHead(404, { 'x-amz-request-id': '1' });
    response.end('<Error><Code>NoSuchKey</Code><RequestId>1</RequestId></Error>');
  });
  aws = await standInForAws(server);
  client = createS3Client(connections);
});

afterAll(async () => {
  client.destroy();
  await aws.stop();
});

const body = (object: object) =>
  JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        eventTime: '2026-11-25T18:00:00.000Z',
        eventName: 'ObjectCreated:Put',
        s3: { bucket: { name: 'landing' }, object: { size: 1, ...object } },
      },
    ],
  });

/** Any UTF-16 text, with control characters and lone surrogates. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 })
    .map((units) => String.fromCharCode(...units)),
);
const encoded = hostile.map((key) => (key.isWellFormed() ? encodeKey(key) : key));

describe.each([
  ['the SDK', () => createObjectStore(client)],
  ['the signed store', () => createSignedObjectStore(client, connections)],
])('over %s', (_name, create) => {
  it('every notification is either refused when it is parsed, or can become a request', async () => {
    const store = create();
    const object = fc.record({
      key: encoded,
      eTag: fc.oneof(fc.constant('abc'), hostile),
      versionId: fc.oneof(fc.constant(undefined), hostile),
      sequencer: fc.oneof(fc.constant('01'), hostile),
    });
    await fc.assert(
      fc.asyncProperty(object, async (fields) => {
        const notification = parseNotification(body(fields));
        if (notification.kind !== 'records') throw new Error('the notification has no records');
        const [record] = notification.records;
        if (record?.kind !== 'landed') return;
        const opened = openObject(record.landed, { store, clock: systemClock, random: () => 0 });
        await expect(opened).rejects.toMatchObject({ name: 'ReadError', failure: 'gone' });
      }),
      { numRuns: 300 },
    );
  });
});
