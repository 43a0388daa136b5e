import { objectIdOf } from '@data-aggregator/shared-processing/ledger';
import { recordOf } from '@data-aggregator/bundling/testing';
import type { Random } from '@data-aggregator/shared-processing/testing';
import type { Cloud } from '../services/cloud.ts';
import { BUCKETS, COPIED_BYTES, PARTED_BYTES } from '../settings.ts';

/** A file that the external party has uploaded. */
export interface LandedFile {
  key: string;
  versionId: string;
  /** Unique among all versions of all keys. */
  content: string;
  record: unknown;
  /** Its id in the ledger. */
  objectId: string;
  /** Whether it can be bundled. The others belong in the dead-letter queue. */
  isGood: boolean;
}

/** The files that arrive in a schedule. */
export interface Landing {
  landed: LandedFile[];
  readonly hasMore: boolean;
  next(cloud: Cloud): LandedFile;
}

/** A few keys, so that some are overwritten. */
const KEYS = ['a', 'b', 'c', 'd'];
const BAD_KEY = '../escape';

export function landingOf(random: Random, maxFiles: number): Landing {
  const landed: LandedFile[] = [];
  const files = Math.min(maxFiles, 1 + random.below(6));
  return {
    landed,
    get hasMore() {
      return landed.length < files;
    },
    next({ store, denied }) {
      const kind = random.below(12);
      const key = kind === 0 ? BAD_KEY : random.pick(KEYS);
      // Some have their own bundle, some share one, some are uploaded in parts, and some are copied.
      const size = random.chance(0.2)
        ? random.pick([PARTED_BYTES, COPIED_BYTES])
        : random.pick([0, 20, 60, 100]);
      const content = `${key} ${landed.length} `.padEnd(size, '.');
      const version = store.upload(BUCKETS.landing, key, Buffer.from(content));
      const { versionId } = version;
      if (kind === 1) store.remove(BUCKETS.landing, key, versionId);
      // Until the operator has corrected the permissions.
      if (kind === 2) denied.add(versionId);
      const object = { bucket: BUCKETS.landing, key, version: { kind: 'id' as const, versionId } };
      const file = {
        ...{ key, versionId, content, isGood: kind > 1 },
        record: recordOf(key, version),
        objectId: objectIdOf(object),
      };
      landed.push(file);
      return file;
    },
  };
}
