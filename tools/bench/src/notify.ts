import { type BenchFile, keyOf } from './content.ts';

export const BUCKETS = { landing: 'landing', distribution: 'distribution', archive: 'archive' };
export const TABLE = 'ledger';

/** The version id of every object in the stand-in. */
export const VERSION = '3HL4kqtJvjVBH40Nrjfkd.bench';

/** The S3 event record of a file. */
export function recordOf(file: BenchFile) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-west-2',
    eventTime: '2026-11-22T09:00:00.000Z',
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: 'AWS:AROAEXAMPLE:sender' },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: {
      'x-amz-request-id': 'C3D13FE58DE4C810',
      'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5',
    },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'landed',
      bucket: {
        name: BUCKETS.landing,
        ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
        arn: `arn:aws:s3:::${BUCKETS.landing}`,
      },
      object: {
        key: keyOf(file),
        size: file.size,
        eTag: '9b2cf535f27731c974343645a3985328',
        versionId: VERSION,
        sequencer: '0055AED6DCD90281E5',
      },
    },
  };
}

/** The batch that the event source mapping would send: one message per file, with one record each. */
export function sqsEvent(files: readonly BenchFile[]) {
  return {
    Records: files.map((file, index) => ({
      messageId: `c80e8021-a70a-42c7-a470-${String(index).padStart(12, '0')}`,
      receiptHandle: 'bench',
      body: JSON.stringify({ Records: [recordOf(file)] }),
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: '1795338000000',
        SenderId: 'AIDAEXAMPLE',
        ApproximateFirstReceiveTimestamp: '1795338000001',
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-2:000000000000:landed',
      awsRegion: 'eu-west-2',
    })),
  };
}
