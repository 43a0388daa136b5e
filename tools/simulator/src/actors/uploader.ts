import { objectIdOf } from '@data-aggregator/shared-processing/ledger';
import type { MemoryStore } from '@data-aggregator/shared-processing/testing';
import { recordOf } from '@data-aggregator/bundling/testing';
import type { Random } from '@data-aggregator/shared-processing/testing';
import { BUCKETS, COPIED_BYTES, PARTED_BYTES } from '../settings.ts';

/** A file that the external party has uploaded. */
export interface LandedFile {
  key: string;
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
  next(store: MemoryStore): LandedFile;
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
    next(store) {
      const kind = random.below(12);
      const key = kind === 0 ? BAD_KEY : random.pick(KEYS);
      // Some have their own bundle, some share one, some are uploaded in parts, and some are copied.
      const size = random.chance(0.2)
        ? random.pick([PARTED_BYTES, COPIED_BYTES])
        : random.pick([0, 20, 60, 100]);
      const content = `${key} ${landed.length} `.padEnd(size, '.');
      const version = store.upload(BUCKETS.landing, key, Buffer.from(content));
      if (kind === 1) store.remove(BUCKETS.landing, key, version.versionId);
      const object = {
        bucket: BUCKETS.landing,
        key,
        version: { kind: 'id' as const, versionId: version.versionId },
      };
      const file = {
        key,
        content,
        record: recordOf(key, version),
        objectId: objectIdOf(object),
        isGood: kind > 1,
      };
      landed.push(file);
      return file;
    },
  };
}
