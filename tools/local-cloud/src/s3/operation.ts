import type { AccessTarget, S3Action } from './access.ts';
import type { Answer } from './http/answer.ts';
import type { Blobs } from './objects/blobs.ts';
import type { Bucket } from './model.ts';
import type { ObjectEvent } from './buckets/notifications.ts';
import type { S3Request } from './http/request.ts';

/** State and settings shared by all operations. */
export interface Service {
  region: string;
  accountId: string;
  /** Milliseconds from RestoreObject until the object can be read. */
  restoreDelayMs: number;
  /** Minimum size of all parts except the last, in bytes. */
  minPartBytes: number;
  buckets: Map<string, Bucket>;
  blobs: Blobs;
  /** Milliseconds since 1970. */
  clock: () => number;
  nextSequence: () => number;
  onEvent: (event: ObjectEvent) => void;
  /** Decides about the targets of new notifications of a bucket. */
  onNotificationsSet: (bucket: string, targets: readonly string[]) => 'accept' | 'refuse';
}

/** A request processed by an operation. */
export interface Call {
  request: S3Request;
  service: Service;
  /** Whether the caller may do this; for permissions beyond those of the operation itself. */
  may(action: S3Action, target: AccessTarget): boolean;
  /** @throws S3Error AccessDenied if the caller may not */
  demand(action: S3Action, target: AccessTarget): void;
  /** Must be awaited once, after the request is received and before it takes effect. */
  beforeEffect(): Promise<void>;
}

export interface BucketCall extends Call {
  bucket: Bucket;
}

export interface ObjectCall extends BucketCall {
  key: string;
}

interface Routing {
  name: string;
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Query parameters that select this operation; a string requires that value. */
  selectedBy?: Readonly<Record<string, string | true>>;
  /** A header that selects this operation. */
  selectedByHeader?: string;
  /** Other supported query parameters. */
  query?: readonly string[];
  /** Supported conditional headers. */
  conditions?: readonly string[];
  /** Actions that every such request needs. */
  actions: (request: S3Request) => readonly S3Action[];
  /** Values of additional condition keys. */
  context?: (request: S3Request) => Record<string, string>;
}

/** An S3 operation: how it is selected, what it requires, what it does. */
export type Operation = Routing &
  (
    | { on: 'service'; run(call: Call): Answer | Promise<Answer> }
    /** The bucket need not exist. */
    | { on: 'bucket-name'; run(call: Call & { name: string }): Answer | Promise<Answer> }
    | { on: 'bucket'; run(call: BucketCall): Answer | Promise<Answer> }
    | { on: 'object'; run(call: ObjectCall): Answer | Promise<Answer> }
  );
