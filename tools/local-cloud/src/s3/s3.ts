import { inspect } from 'node:util';
import { stderr } from '@data-aggregator/terminal';
import type { Authorize } from './access.ts';
import { createBlobs } from './objects/blobs.ts';
import { addBucket, type BucketSettings, removeBucket } from './buckets/buckets.ts';
import type { Faults } from './faults.ts';
import { createHandler, type Handle } from './handler.ts';
import type { ObjectEvent } from './buckets/notifications.ts';
import type { Service } from './operation.ts';
import { replicate, type Replication } from './objects/replication.ts';
import { createSequence } from './objects/sequence.ts';
import { putSparse, type SparseObject, type StoredSparseObject } from './objects/sparse.ts';

export interface S3Options {
  /** Folder for object data. It is stored in a subfolder, which `close` removes. */
  dataDir: string;
  /** Default `us-east-1`. */
  region?: string;
  /** Account that owns all buckets; default: twelve zeros. */
  accountId?: string;
  /** Called for every action of a request. Default: everything is allowed. */
  authorize?: Authorize;
  /**
   * Called for every created object and delete marker, every removed version, changed tags and restores, in order, before the
   * client gets the response.
   */
  onEvent?: (event: ObjectEvent) => void;
  /**
   * Called when a client sets a bucket's notifications, with the ARNs of the targets. S3 refuses targets that do not exist or do not
   * allow it to send, and sends each a test message. Default: all are refused.
   */
  onNotificationsSet?: Service['onNotificationsSet'];
  /** Decides the fault of each request. */
  faults?: Faults;
  /** Milliseconds since 1970. */
  clock?: () => number;
  /** Milliseconds from RestoreObject until the object can be read; default 0. */
  restoreDelayMs?: number;
  /** Minimum size of all parts except the last, in bytes; default 5 MiB, as in S3. */
  minPartBytes?: number;
  /** Called for internal errors and errors of `onEvent`; default: writes to standard error. */
  onUnexpected?: (error: unknown) => void;
}

export interface S3 {
  /** Serves one HTTP request; resolves once the response is sent or the client has disconnected. */
  handle: Handle;
  /** @throws S3Error InvalidBucketName, BucketAlreadyOwnedByYou */
  createBucket(settings: BucketSettings): void;
  /** @throws S3Error NoSuchBucket, BucketNotEmpty */
  deleteBucket(name: string): void;
  /** Names of all buckets. */
  buckets(): string[];
  /** Replicates a version into another bucket; see `Replication`. */
  replicate(replication: Replication): Promise<void>;
  /** Creates an object of zeros with some stretches of other bytes; see `putSparse`. */
  putSparse(object: SparseObject): Promise<StoredSparseObject>;
  /** Removes all data from the disk. Stop the server first. */
  close(): void;
}

/** Creates an independent S3 with its own state. */
export function createS3(options: S3Options): S3 {
  const { clock = Date.now, onEvent } = options;
  const onUnexpected =
    options.onUnexpected ?? ((error: unknown) => stderr.write(`s3.unexpected ${inspect(error)}\n`));
  const service: Service = {
    region: options.region ?? 'us-east-1',
    accountId: options.accountId ?? '000000000000',
    restoreDelayMs: options.restoreDelayMs ?? 0,
    minPartBytes: options.minPartBytes ?? 5 * 1024 * 1024,
    buckets: new Map(),
    blobs: createBlobs(options.dataDir),
    clock,
    nextSequence: createSequence(clock),
    onNotificationsSet: options.onNotificationsSet ?? (() => 'refuse'),
    // An error in a listener must not fail the request, which has already taken effect.
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
    putSparse: (object) => putSparse(service, object),
    close: () => service.blobs.close(),
  };
}
