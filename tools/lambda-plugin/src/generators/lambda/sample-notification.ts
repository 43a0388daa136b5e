import type { Notifier } from './options.ts';

const object = { size: 12, versionId: 'sample-version', etag: '6f5902ac237024bdd0c176cb93063dc4' };

/** The body of a message about the new object `sample file.txt`, in the form in which it arrives. */
export function sampleNotification(bucket: string, notifiedBy: Notifier): string {
  switch (notifiedBy) {
    case 's3':
      return JSON.stringify(s3Event(bucket));
    case 'sns':
      return JSON.stringify({
        Type: 'Notification',
        MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
        TopicArn: `arn:aws:sns:us-east-1:000000000000:${bucket}`,
        Subject: 'Amazon S3 Notification',
        Message: JSON.stringify(s3Event(bucket)),
        Timestamp: '2026-01-01T00:00:00.000Z',
      });
    case 'event-bridge':
      return JSON.stringify(eventBridgeEvent(bucket));
  }
}

function s3Event(bucket: string) {
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        eventTime: '2026-01-01T00:00:00.000Z',
        eventName: 'ObjectCreated:Put',
        s3: {
          s3SchemaVersion: '1.0',
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: 'sample+file.txt',
            size: object.size,
            eTag: object.etag,
            versionId: object.versionId,
          },
        },
      },
    ],
  };
}

function eventBridgeEvent(bucket: string) {
  return {
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '000000000000',
    time: '2026-01-01T00:00:00Z',
    region: 'us-east-1',
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key: 'sample file.txt',
        size: object.size,
        etag: object.etag,
        'version-id': object.versionId,
      },
      reason: 'PutObject',
    },
  };
}
