import type { AccessTarget, S3Action } from './access.ts';
import type { Answer } from './http/answer.ts';
import type { Blobs } from './objects/blobs.ts';
import type { Bucket } from './model.ts';
import type { ObjectEvent } from './buckets/notifications.ts';
import type { S3Request } from './http/request.ts';

/** What all operations work on. */
export interface Service {
  region: string;
  accountId: string;
  /** Milliseconds from a RestoreObject until the object can be read. */
  restoreDelayMs: number;
  /** Least bytes of a part that is not the last. */
  minPartBytes: number;
  buckets: Map<string, Bucket>;
  blobs: Blobs;
  /** Milliseconds since 1970. */
  clock: () => number;
  nextSequence: () => number;
  onEvent: (event: ObjectEvent) => void;
}

/** A request on its way through an operation. */
export interface Call {
  request: S3Request;
  service: Service;
  /** Whether the caller may do this; asked for what an operation needs beyond its own permissions. */
  may(action: S3Action, target: AccessTarget): boolean;
  /** @throws S3Error AccessDenied where the caller may not */
  demand(action: S3Action, target: AccessTarget): void;
  /** To be awaited once, after the request is received and before it takes effect. */
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
  /** Query parameters a request must have to be this operation; a text demands that value. */
  selectedBy?: Readonly<Record<string, string | true>>;
  /** A header that a request must have to be this operation. */
  selectedByHeader?: string;
  /** Further query parameters it understands. */
  query?: readonly string[];
  /** Conditional headers it understands. */
  conditions?: readonly string[];
  /** What S3 demands of the caller for every such request. */
  actions: (request: S3Request) => readonly S3Action[];
  /** Values of condition keys beyond the usual ones. */
  context?: (request: S3Request) => Record<string, string>;
}

/** An operation of S3: what requests it, what it demands, what it does. */
export type Operation = Routing &
  (
    | { on: 'service'; run(call: Call): Answer | Promise<Answer> }
    /** A bucket that need not exist. */
    | { on: 'bucket-name'; run(call: Call & { name: string }): Answer | Promise<Answer> }
    | { on: 'bucket'; run(call: BucketCall): Answer | Promise<Answer> }
    | { on: 'object'; run(call: ObjectCall): Answer | Promise<Answer> }
  );
