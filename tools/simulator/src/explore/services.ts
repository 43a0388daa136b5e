import { createHash } from 'node:crypto';
import { joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import type { Condition } from '@data-aggregator/shared-processing/ledger';
import type { ObjectListing, UploadedPart } from '@data-aggregator/shared-processing/s3';
import type { OutgoingMessage } from '@data-aggregator/shared-processing/sqs';
import { BUCKETS } from '../settings.ts';
import { Interner } from './interner.ts';
import type { Layout, State } from './state.ts';

/** A part of an upload, with the number of its content. */
export type StoredPart = UploadedPart & { content: number };

/** An item as it is kept: without `expires`, because nothing expires in a small world, and with binary values as base64. */
export interface StoredItem {
  id: string;
  [attribute: string]: string | number | undefined;
}

export type QueueName = 'queue' | 'large objects' | 'dead letters';

/** A call to a service, as plain data. Its effect depends only on it and on the state. */
export type Operation =
  | { kind: 'GET'; bucket: string; key: string; versionId?: string | undefined; from: number }
  | { kind: 'PUT'; bucket: string; key: string; content: number; onlyIfAbsent: boolean }
  | { kind: 'HEAD'; bucket: string; key: string }
  | { kind: 'CREATE UPLOAD'; key: string }
  | { kind: 'PUT PART'; key: string; uploadId: string; part: StoredPart }
  | {
      kind: 'COMPLETE';
      key: string;
      uploadId: string;
      parts: UploadedPart[];
      size: number;
      crc64nvme: string;
    }
  | { kind: 'ABORT'; key: string; uploadId: string }
  | { kind: 'GetItem'; id: string }
  | { kind: 'PutItem'; item: StoredItem; condition?: Condition | undefined }
  | { kind: 'DeleteItem'; id: string; condition: Condition }
  | { kind: 'SendMessage'; queue: QueueName; messages: readonly OutgoingMessage[] }
  /** The response to Lambda, which deletes messages. */
  | { kind: 'acknowledge'; queue: QueueName; ids: string[] };

/** What a caller learns, as plain data. */
export type Reply =
  | { kind: 'done' }
  | { kind: 'content'; content: number; breaksOff?: boolean }
  | { kind: 'present'; content: number }
  | { kind: 'deleted' }
  | { kind: 'absent' }
  | { kind: 'upload'; uploadId: string }
  | { kind: 'part'; part: UploadedPart }
  | { kind: 'item'; item?: StoredItem | undefined }
  | { kind: 'refused'; existing?: StoredItem | undefined }
  | { kind: 'error'; outcome: 'refused' | 'throttled' | 'unknown'; code: string; status?: number }
  /** The response is lost, also those of all further attempts. */
  | { kind: 'outage' };

export const LOST: Reply = { kind: 'error', outcome: 'unknown', code: 'ECONNRESET' };
export const THROTTLED: Reply = { kind: 'error', outcome: 'throttled', code: 'SlowDown', status: 503 };
const DONE: Reply = { kind: 'done' };

const refusal = (status: number, code: string): Reply => ({
  kind: 'error',
  outcome: 'refused',
  status,
  code,
});

export interface StoredContent {
  bytes: Buffer;
  metadata: Record<string, string>;
  etag: string;
}

/** The contents of objects, each kept once. */
export class Contents {
  readonly #ids = new Map<string, number>();
  readonly #contents: StoredContent[] = [];

  idOf(bytes: Uint8Array, metadata: Record<string, string> = {}): number {
    const etag = createHash('md5').update(bytes).digest('hex');
    const key = `${etag} ${JSON.stringify(metadata)}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#contents.push({ bytes: Buffer.from(bytes), metadata, etag });
    this.#ids.set(key, this.#contents.length);
    return this.#contents.length;
  }

  /** A content in which builders have other numbers. Its metadata stay. */
  renamed(id: number, rename: (text: string) => string): number {
    const { bytes, metadata } = this.get(id);
    const text = bytes.toString('latin1');
    const other = rename(text);
    return other === text ? id : this.idOf(Buffer.from(other, 'latin1'), metadata);
  }

  get(id: number): StoredContent {
    const content = this.#contents[id - 1];
    if (!content) throw new Error(`there is no content ${id}`);
    return content;
  }
}

/** A message in a queue. Two messages may have the same body. */
export interface QueuedMessage {
  id: string;
  body: string;
}

/** An object version in landing. It never changes. */
export interface LandedVersion {
  key: string;
  versionId: string;
  content: number;
  /** Whether it was removed after its notification. */
  isGone: boolean;
}

/**
 * S3, DynamoDB and SQS as functions of a state. `memoryStore` and `memoryTable` respond in the same way; here the whole state is in
 * numbered cells, so that it can be copied and compared. A delete marker is content 0.
 */
export class Services {
  readonly contents = new Contents();
  readonly landed: LandedVersion[] = [];
  /** Lists landing. */
  readonly listing: ObjectListing;
  readonly items = new Interner<StoredItem>();
  readonly versions = new Interner<readonly number[]>();
  readonly messages = new Interner<readonly QueuedMessage[]>();
  readonly uploads = new Interner<readonly StoredPart[]>();
  readonly #layout: Layout;
  /** The mutant `complete-after-abort`: an upload that was aborted can be completed. */
  readonly #completesAfterAbort: boolean;

  constructor(layout: Layout, listing: ObjectListing, { completesAfterAbort = false } = {}) {
    this.#layout = layout;
    this.listing = listing;
    this.#completesAfterAbort = completesAfterAbort;
  }

  /** The cell that a call reads and writes, if its effect depends on that alone. */
  cellOf(operation: Operation): number | undefined {
    switch (operation.kind) {
      case 'GET':
        return operation.bucket === BUCKETS.landing ? undefined : this.#cellOfObject(operation);
      case 'PUT':
      case 'HEAD':
        return this.#cellOfObject(operation);
      case 'GetItem':
      case 'DeleteItem':
        return this.#layout.cell(`item ${operation.id}`);
      case 'PutItem':
        return this.#layout.cell(`item ${operation.item.id}`);
      default:
        return undefined;
    }
  }

  #cellOfObject({ bucket, key }: { bucket: string; key: string }): number {
    return this.#layout.cell(`${bucket}/${key}`);
  }

  /** Carries out a call: changes the state, and returns the response. */
  apply(operation: Operation, state: State): Reply {
    switch (operation.kind) {
      case 'GET':
        return this.#get(operation, state);
      case 'PUT':
        return this.#put(operation, state);
      case 'HEAD': {
        const latest = this.versionsOf(operation.bucket, operation.key, state).at(-1);
        if (latest === undefined) return { kind: 'absent' };
        return latest === 0 ? { kind: 'deleted' } : { kind: 'present', content: latest };
      }
      case 'CREATE UPLOAD': {
        const created = this.#layout.cell(`uploads of ${operation.key}`);
        const number = state.get(created) + 1;
        state.set(created, number);
        const uploadId = `upload ${number} of ${operation.key}`;
        state.set(this.#layout.cell(uploadId), this.uploads.idOf([]));
        return { kind: 'upload', uploadId };
      }
      case 'PUT PART': {
        const cell = this.#layout.cell(operation.uploadId);
        if (state.get(cell) === 0) return refusal(404, 'NoSuchUpload');
        const { content, ...part } = operation.part;
        const others = this.uploads.valueOf(state.get(cell)).filter(({ number }) => number !== part.number);
        const parts = [...others, { ...part, content }].sort((a, b) => a.number - b.number);
        state.set(cell, this.uploads.idOf(parts));
        return { kind: 'part', part };
      }
      case 'COMPLETE':
        return this.#complete(operation, state);
      case 'ABORT':
        if (!this.#completesAfterAbort) state.set(this.#layout.cell(operation.uploadId), 0);
        return DONE;
      case 'GetItem': {
        const item = this.itemOf(operation.id, state);
        return { kind: 'item', ...(item && { item }) };
      }
      case 'PutItem': {
        const { item, condition } = operation;
        return this.#write(item.id, condition, this.items.idOf(item), state);
      }
      case 'DeleteItem':
        return this.#write(operation.id, operation.condition, 0, state);
      case 'SendMessage':
        for (const { body } of operation.messages) this.send(operation.queue, body, state);
        return DONE;
      case 'acknowledge': {
        const left = this.messagesIn(operation.queue, state).filter(({ id }) => !operation.ids.includes(id));
        state.set(this.#layout.cell(operation.queue), left.length === 0 ? 0 : this.messages.idOf(left));
        return DONE;
      }
    }
  }

  send(queue: QueueName, body: string, state: State): void {
    const sent = this.#layout.cell(`sent to ${queue}`);
    state.set(sent, state.get(sent) + 1);
    const message = { id: `${queue} ${state.get(sent)}`, body };
    const messages = [...this.messagesIn(queue, state), message];
    state.set(this.#layout.cell(queue), this.messages.idOf(messages));
  }

  messagesIn(queue: QueueName, state: State): readonly QueuedMessage[] {
    const id = state.get(this.#layout.cell(queue));
    return id === 0 ? [] : this.messages.valueOf(id);
  }

  itemOf(id: string, state: State): StoredItem | undefined {
    const number = state.get(this.#layout.cell(`item ${id}`));
    return number === 0 ? undefined : this.items.valueOf(number);
  }

  /** The versions of a key, oldest first. */
  versionsOf(bucket: string, key: string, state: State): readonly number[] {
    const id = state.get(this.#layout.cell(`${bucket}/${key}`));
    return id === 0 ? [] : this.versions.valueOf(id);
  }

  addVersion(bucket: string, key: string, content: number, state: State): void {
    const versions = [...this.versionsOf(bucket, key, state), content];
    state.set(this.#layout.cell(`${bucket}/${key}`), this.versions.idOf(versions));
  }

  #get({ bucket, key, versionId }: Operation & { kind: 'GET' }, state: State): Reply {
    if (bucket === BUCKETS.landing) {
      const version = this.landed.find((landed) => landed.key === key && landed.versionId === versionId);
      return !version || version.isGone
        ? refusal(404, 'NoSuchVersion')
        : { kind: 'content', content: version.content };
    }
    const latest = this.versionsOf(bucket, key, state).at(-1);
    return latest ? { kind: 'content', content: latest } : refusal(404, 'NoSuchKey');
  }

  #put({ bucket, key, content, onlyIfAbsent }: Operation & { kind: 'PUT' }, state: State): Reply {
    // A delete marker counts as no object.
    if (onlyIfAbsent && this.versionsOf(bucket, key, state).at(-1)) return refusal(412, 'PreconditionFailed');
    this.addVersion(bucket, key, content, state);
    return DONE;
  }

  #complete(operation: Operation & { kind: 'COMPLETE' }, state: State): Reply {
    const { key, uploadId, parts, size, crc64nvme } = operation;
    const cell = this.#layout.cell(uploadId);
    if (state.get(cell) === 0) return refusal(404, 'NoSuchUpload');
    const stored = this.uploads.valueOf(state.get(cell));
    const chosen = parts.map(({ number, etag }) =>
      stored.find((part) => part.number === number && part.etag === etag),
    );
    if (chosen.includes(undefined)) return refusal(400, 'InvalidPart');
    const whole = joinCrc64(chosen as StoredPart[]);
    if (whole.size !== size) return refusal(400, 'InvalidRequest');
    if (whole.crc64nvme !== crc64nvme) return refusal(400, 'BadDigest');
    if (this.versionsOf(BUCKETS.distribution, key, state).at(-1)) return refusal(412, 'PreconditionFailed');
    state.set(cell, 0);
    const bytes = Buffer.concat(
      (chosen as StoredPart[]).map((part) => this.contents.get(part.content).bytes),
    );
    this.addVersion(BUCKETS.distribution, key, this.contents.idOf(bytes), state);
    return DONE;
  }

  #write(id: string, condition: Condition | undefined, item: number, state: State): Reply {
    const existing = this.itemOf(id, state);
    if (condition && !holds(condition, existing)) return { kind: 'refused', ...(existing && { existing }) };
    state.set(this.#layout.cell(`item ${id}`), item);
    return DONE;
  }
}

/**
 * As in DynamoDB, a comparison with a missing attribute is false. A claim's `until` follows from its bundle, so it is not compared: in a state, it is
 * relative to the present.
 */
function holds(condition: Condition, item: StoredItem | undefined): boolean {
  if (condition.kind === 'absent') return item === undefined;
  return Object.entries(condition.attributes).every(([name, value]) =>
    name === 'until' ? item?.[name] !== undefined : item?.[name] === value,
  );
}
