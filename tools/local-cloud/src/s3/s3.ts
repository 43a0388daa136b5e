import type { Authorize } from './access.ts';
import { createBlobs } from './objects/blobs.ts';
import { addBucket, type BucketSettings, removeBucket } from './buckets/buckets.ts';
import type { Faults } from './faults.ts';
import { createHandler, type Handle } from './handler.ts';
import type { ObjectEvent } from './buckets/notifications.ts';
import type { Service } from './operation.ts';
import { replicate, type Replication } from './objects/replication.ts';
import { createSequence } from './objects/sequence.ts';

export interface S3Options {
  /** Folder for the bytes of objects; they are kept in a folder of their own below it, which `close` removes. */
  dataDir: string;
  /** Default `us-east-1`. */
  region?: string;
  /** Account that owns all buckets; default twelve zeros. */
  accountId?: string;
  /** Asked for every action a request needs; everything is allowed where it is left out. */
  authorize?: Authorize;
  /** Told of every object and delete marker made and every version removed, in order, before the client is. */
  onEvent?: (event: ObjectEvent) => void;
  /** Asked what goes wrong with each request. */
  faults?: Faults;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** Milliseconds from a RestoreObject until the object can be read; default 0. */
  restoreDelayMs?: number;
  /** Least bytes of a part that is not the last; default 5 MiB, as in S3. */
  minPartBytes?: number;
  /** Told of errors that are this S3's own, or its `onEvent`'s; default: standard error. */
  onUnexpected?: (error: unknown) => void;
}

export interface S3 {
  /** Serves one HTTP request; resolves once it is answered or the client is gone. */
  handle: Handle;
  /** @throws S3Error InvalidBucketName, BucketAlreadyOwnedByYou */
  createBucket(settings: BucketSettings): void;
  /** @throws S3Error NoSuchBucket, BucketNotEmpty */
  deleteBucket(name: string): void;
  /** Names of the buckets there are. */
  buckets(): string[];
  /** Replicates one version into another bucket; see `Replication`. */
  replicate(replication: Replication): Promise<void>;
  /** Removes all bytes from the disk. Stop the server first. */
  close(): void;
}

/** An S3 of its own: all state is its, and gone with it. */
export function createS3(options: S3Options): S3 {
  const { clock = Date.now, onEvent } = options;
  const onUnexpected = options.onUnexpected ?? ((error: unknown) => console.error('s3.unexpected', error));
  const service: Service = {
    region: options.region ?? 'us-east-1',
    accountId: options.accountId ?? '000000000000',
    restoreDelayMs: options.restoreDelayMs ?? 0,
    minPartBytes: options.minPartBytes ?? 5 * 1024 * 1024,
    buckets: new Map(),
    blobs: createBlobs(options.dataDir),
    clock,
    nextSequence: createSequence(clock),
    // What happens to an event is no business of the request that caused it: that is done.
    onEvent(event) {
      try {
        onEvent?.(event);
      } catch (error) {
        onUnexpected(error);
      }
    },
  };
  return {
    handle: createHandler(service, {
      authorize: options.authorize ?? (() => 'allow'),
      faults: options.faults ?? { before: () => undefined },
      onUnexpected,
    }),
    createBucket: (settings) => void addBucket(service, settings),
    deleteBucket: (name) => removeBucket(service, name),
    buckets: () => [...service.buckets.keys()],
    replicate: (replication) => replicate(service, replication),
    close: () => service.blobs.close(),
  };
}
