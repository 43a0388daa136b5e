/*
 * Notifications with every field that AWS documents, also those that nothing here reads.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 * https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 */

type Fields = Record<string, unknown>;

/** Fields of the object in an S3 event record. The key is form-encoded. */
export const s3Object = {
  key: 'in/report.csv',
  size: 1024,
  eTag: 'd41d8cd98f00b204e9800998ecf8427e',
  versionId: '096fKKXTRTtl3on89fVO.nfljtsv6qko',
  sequencer: '0055AED6DCD90281E5',
};

/** An S3 event record. `undefined` omits a field of its object. */
export function s3Record(object: Fields = {}, eventName = 'ObjectCreated:Put') {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-central-1',
    eventTime: '2026-03-01T12:00:00.250Z',
    eventName,
    userIdentity: { principalId: 'AWS:EXAMPLE' },
    requestParameters: { sourceIPAddress: '192.0.2.1' },
    responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810', 'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQ' },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'landing',
      bucket: {
        name: 'landing',
        ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
        arn: 'arn:aws:s3:::landing',
      },
      object: { ...s3Object, ...object },
    },
  };
}

/** A record about a restore of an archived object. S3 documents the sequencer only for creations and removals. */
export function restoreRecord(eventName: string, object: Fields = {}) {
  return {
    ...s3Record({ sequencer: undefined, ...object }, eventName),
    glacierEventData: {
      restoreEventData: {
        lifecycleRestorationExpiryTime: '2026-03-11T00:00:00.000Z',
        lifecycleRestoreStorageClass: 'GLACIER',
      },
    },
  };
}

export const testEvent = {
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: '2026-03-01T12:00:00.000Z',
  Bucket: 'landing',
  RequestId: '5582815E1AEA5ADF',
  HostId: '8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE',
};

/** Wraps an event as SNS does for a subscription without raw message delivery. */
export function wrappedBySns(event: unknown) {
  return {
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: 'arn:aws:sns:eu-central-1:111122223333:landing',
    Subject: 'Amazon S3 Notification',
    Message: typeof event === 'string' ? event : JSON.stringify(event),
    Timestamp: '2026-03-01T12:00:00.790Z',
    SignatureVersion: '1',
    Signature: 'EXAMPLEw6JRNwm1LFQL4ICB0bnXrdB8ClRMTQFGBqwLpGbM78tJ4etTwC5zU7O3tS6tGpey3ejedNdOJ',
    SigningCertURL:
      'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem',
    UnsubscribeURL:
      'https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:eu-central-1:111122223333:landing:c9135db0',
  };
}

/** Fields of the object in an EventBridge event. The key is as it is. */
export const eventBridgeObject = {
  key: 'in/report.csv',
  size: 1024,
  etag: 'd41d8cd98f00b204e9800998ecf8427e',
  'version-id': '096fKKXTRTtl3on89fVO.nfljtsv6qko',
  sequencer: '0055aed6dcd90281e5',
};

/** An EventBridge event of S3. `undefined` omits a field of its object. */
export function eventBridgeEvent(object: Fields = {}, detailType = 'Object Created', detail: Fields = {}) {
  return {
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': detailType,
    source: 'aws.s3',
    account: '111122223333',
    time: '2026-03-01T12:00:00Z',
    region: 'eu-central-1',
    resources: ['arn:aws:s3:::landing'],
    detail: {
      version: '0',
      'event-version': '1.1',
      bucket: { name: 'landing' },
      object: { ...eventBridgeObject, ...object },
      'request-id': 'N4N7GDK58NMKJ12R',
      requester: '111122223333',
      'source-ip-address': '192.0.2.1',
      reason: 'PutObject',
      ...detail,
    },
  };
}

/** EventBridge's event at the end of a restore, which has no sequencer. */
export function restoreCompletedEvent(object: Fields = {}) {
  return eventBridgeEvent({ sequencer: undefined, ...object }, 'Object Restore Completed', {
    requester: 's3.amazonaws.com',
    reason: undefined,
    'source-ip-address': undefined,
    'restore-expiry-time': '2026-03-11T00:00:00Z',
    'source-storage-class': 'GLACIER',
  });
}
