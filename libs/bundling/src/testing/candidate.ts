import { objectIdOf } from '@data-aggregator/shared-processing/ledger';
import type { LandedObject } from '@data-aggregator/shared-processing/s3-event';
import type { Candidate } from '../outcome.ts';

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
