import { objectIdOf } from '@data-aggregator/shared-processing/ledger';
import { encodeKey, type LandedObject } from '@data-aggregator/shared-processing/s3-event';
import type { MemoryVersion } from '@data-aggregator/shared-processing/testing';
import type { Candidate } from '../outcome.ts';

/** The S3 event record of a version in `landing`. */
export function recordOf(key: string, version: MemoryVersion) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-west-2',
    eventTime: new Date(version.lastModified).toISOString(),
    eventName: 'ObjectCreated:Put',
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: 'landing', arn: 'arn:aws:s3:::landing' },
      object: {
        key: encodeKey(key),
        size: version.content?.length ?? 0,
        eTag: version.etag,
        versionId: version.versionId,
        sequencer: '0055AED6DCD90281E5',
      },
    },
  };
}

/** A candidate for a test: a version `v1` of a key in `landing`. */
export function candidate(key: string, size: number): Candidate {
  const landed: LandedObject = {
    bucket: 'landing',
    key,
    version: { kind: 'id', versionId: 'v1' },
    size,
    etag: 'etag',
    landedAt: 0,
    event: { Records: [{ key }] },
  };
  return { landed, id: objectIdOf(landed), size, failures: 0 };
}
