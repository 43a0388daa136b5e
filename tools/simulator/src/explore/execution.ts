import { createHash } from 'node:crypto';
import { setImmediate as drainMicrotasks } from 'node:timers/promises';
import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { CallError, SystemFault } from '@data-aggregator/shared-processing/errors';
import type { GroupOf } from '@data-aggregator/shared-processing/groups';
import { createPublications, type Item } from '@data-aggregator/shared-processing/ledger';
import type { Clock } from '@data-aggregator/shared-processing/retry';
import type { Upload, UploadedPart } from '@data-aggregator/shared-processing/s3';
import { createQueueSender, type OutgoingMessage } from '@data-aggregator/shared-processing/sqs';
import { sweep } from '../../../../apps/reconciler/src/sweep.ts';
import { invoke } from '../actors/aggregator.ts';
import { ignore, quietLog } from '../actors/stage.ts';
import type { MakeMutant } from '../mutants/mutants.ts';
import { isOfTheCloud } from '../services/cloud.ts';
import type { Reach } from '../services/reach.ts';
import { BUCKETS, FORWARD_BYTES, TIMEOUT_MS } from '../settings.ts';
import { MAX_BUNDLES } from './calls.ts';
import type {
  Operation,
  QueuedMessage,
  QueueName,
  Reply,
  Services,
  StoredItem,
  StoredPart,
} from './services.ts';

/** When every actor begins, by its own clock: so its behaviour does not depend on when that is in the world. */
export const LOCAL_START = Date.UTC(2026, 0, 1);
/** When every object landed, for everybody: long enough ago for the reconciler. */
export const LANDED = LOCAL_START - 3_600_000;

/** An actor and its input. */
export interface Role {
  kind: 'aggregator' | 'large objects' | 'reconciler';
  messages: readonly QueuedMessage[];
}

/** A call that waits for its response. */
export interface ParkedCall {
  operation: Operation;
  answer: (reply: Reply) => void;
}

/** How an actor ended: it did what it had to, or stopped because of the cloud, or because of a mistake in the code. */
export type End = { kind: 'ended' } | { kind: 'mistake'; detail: string };

export interface ExecutionContext {
  services: Services;
  makeMutant: MakeMutant;
  groupOf: GroupOf | undefined;
  /** How many claims an invocation writes at the same time. */
  concurrentClaims: number;
}

/** The number by which every actor calls itself; it numbers the others in the order in which it learns of them. */
export const SELF = 1;

/** Attempts of the code that retries most. */
const OUTAGE_CALLS = 8;
/** Far in the future, in seconds: nothing expires in a small world. */
const EXPIRES = 4_000_000_000;

/**
 * One run of an actor's real code. Every call waits until it is answered. Between two answers the code depends on nothing but the
 * answers and the clock, so equal answers at equal times always lead to the same calls.
 */
export class Execution {
  parked: ParkedCall[] = [];
  end: End | undefined;
  /** Whether the code has read the clock since it was last answered. */
  hasReadClock = false;
  #now = LOCAL_START;
  readonly #role: Role;
  readonly #context: ExecutionContext;
  /** Calls that get no response, by operation. */
  readonly #outages = new Map<string, number>();

  constructor(role: Role, context: ExecutionContext) {
    this.#role = role;
    this.#context = context;
  }

  async start(): Promise<void> {
    const work = this.#role.kind === 'reconciler' ? this.#reconcile() : this.#aggregate();
    void work.then(
      () => (this.end = { kind: 'ended' }),
      (error: unknown) => {
        const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
        const isExpected = isOfTheCloud(error) || error instanceof SystemFault;
        this.end = isExpected ? { kind: 'ended' } : { kind: 'mistake', detail };
      },
    );
    await drainMicrotasks();
  }

  /** Answers a call, and runs the code until it waits again. @param now by the actor's own clock */
  async answer(call: ParkedCall, reply: Reply, now: number): Promise<void> {
    this.parked.splice(this.parked.indexOf(call), 1);
    this.hasReadClock = false;
    this.#now = now;
    call.answer(reply);
    await drainMicrotasks();
  }

  async #aggregate(): Promise<void> {
    const { messages, kind } = this.#role;
    const { makeMutant, groupOf, concurrentClaims } = this.#context;
    const queue: QueueName = kind === 'aggregator' ? 'queue' : 'large objects';
    const mutant = makeMutant();
    const acknowledge = (failed: ReadonlySet<string>) => {
      const ids = messages.map(({ id }) => id).filter((id) => !failed.has(id));
      return ids.length === 0 ? undefined : this.#call({ kind: 'acknowledge', queue, ids });
    };
    let bundles = 0;
    try {
      const { batchItemFailures } = await invoke(
        { name: kind, drift: 0, deadline: LOCAL_START + TIMEOUT_MS, dead: false },
        messages.map(({ id, body }) => ({
          messageId: id,
          receiptHandle: id,
          body,
          attributes: { ApproximateReceiveCount: '1' },
        })),
        {
          forwardBytes: kind === 'aggregator' ? FORWARD_BYTES : undefined,
          groupOf,
          maxConcurrentClaims: concurrentClaims,
        },
        this.#reach(queue),
        { clockOf: () => this.#clock },
        { below: () => SELF * MAX_BUNDLES + bundles++ },
        mutant,
      );
      await acknowledge(new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)));
    } catch (error) {
      if (mutant.acknowledgesFailures) await acknowledge(new Set());
      throw error;
    }
  }

  /** The reconciler, without the lease and the cursor of its scheduled runs. */
  async #reconcile(): Promise<void> {
    const plain = this.#reach('queue');
    const { store, listing, table, sendToQueue } = this.#context.makeMutant().reconciler?.(plain) ?? plain;
    const rules = { clock: this.#clock, random: () => 0.5 };
    await sweep(
      {
        range: { from: 0, to: LOCAL_START, uploadsFrom: 0 },
        after: undefined,
        dryRun: false,
        until: Infinity,
      },
      {
        ...rules,
        log: quietLog,
        landingBucket: BUCKETS.landing,
        listing,
        table,
        publications: createPublications(store, BUCKETS, rules),
        queue: createQueueSender(sendToQueue, { ...rules, onError: ignore }),
        maxConcurrentReads: 1,
        maxConcurrentSends: 1,
      },
    );
  }

  get #clock(): Clock {
    return {
      now: () => {
        this.hasReadClock = true;
        return this.#now;
      },
      // Waiting between attempts takes no time here.
      sleep: async () => undefined,
      signalAt: (moment) => {
        this.hasReadClock = true;
        return moment <= this.#now ? AbortSignal.abort() : new AbortController().signal;
      },
    };
  }

  #call(operation: Operation): Promise<Reply> {
    const what = describe(operation);
    const left = this.#outages.get(what) ?? 0;
    this.#outages.set(what, left - 1);
    if (left > 0) return Promise.reject(lost(what));
    return new Promise((resolve, reject) => {
      this.parked.push({
        operation,
        answer: (reply) => {
          if (reply.kind === 'outage') {
            this.#outages.set(what, OUTAGE_CALLS);
            reject(lost(what));
          } else if (reply.kind === 'error') reject(new CallError(what, reply));
          else resolve(reply);
        },
      });
    });
  }

  #reach(queue: QueueName): Reach {
    const { services } = this.#context;
    const { contents } = services;
    const send = (to: QueueName) => async (messages: readonly OutgoingMessage[]) => {
      await this.#call({ kind: 'SendMessage', queue: to, messages });
      return messages.map(() => true);
    };
    const partOf = (number: number, bytes: Uint8Array, crc64nvme: string): StoredPart => {
      const content = contents.idOf(bytes);
      const { etag } = contents.get(content);
      return { number, etag, size: bytes.length, crc64nvme, content };
    };
    const putPart = async ({ key, uploadId }: Upload, part: StoredPart): Promise<UploadedPart> =>
      expected(await this.#call({ kind: 'PUT PART', key, uploadId, part }), 'part').part;
    return {
      store: {
        get: async ({ bucket, key, versionId, from = 0 }) => {
          const reply = expected(await this.#call({ kind: 'GET', bucket, key, versionId, from }), 'content');
          const { bytes, etag } = contents.get(reply.content);
          const checksum = from > 0 ? undefined : ({ algorithm: 'md5', hex: etag } as const);
          const body = bodyOf(bytes.subarray(from), reply.breaksOff ?? false);
          return { size: bytes.length, lastModified: LANDED, checksum, body };
        },
        put: async ({ bucket, key, metadata, onlyIfAbsent = false, ...object }) => {
          const bytes = await bytesOf(object.open());
          if (
            createHash('sha256').update(bytes).digest('hex') !== object.sha256 ||
            bytes.length !== object.size
          )
            throw new Error(`${key} is sent with another size or SHA-256 than it has`);
          const content = contents.idOf(bytes, metadata);
          await this.#call({ kind: 'PUT', bucket, key, content, onlyIfAbsent });
        },
        head: async (bucket, key) => {
          const reply = await this.#call({ kind: 'HEAD', bucket, key });
          if (reply.kind === 'present')
            return { kind: 'present', metadata: contents.get(reply.content).metadata };
          return reply.kind === 'deleted' ? { kind: 'deleted' } : { kind: 'absent' };
        },
      },
      multipart: {
        create: async ({ key }) =>
          expected(await this.#call({ kind: 'CREATE UPLOAD', key }), 'upload').uploadId,
        uploadPart: (upload, { number, bytes, crc64nvme }) =>
          putPart(upload, partOf(number, bytes, crc64nvme)),
        copyPart: async (upload, number, { key, versionId, start, end }) => {
          const source = services.landed.find(
            (landed) => landed.key === key && landed.versionId === versionId && !landed.isGone,
          );
          if (!source)
            throw new CallError(`COPY ${key}`, { outcome: 'refused', status: 404, code: 'NoSuchVersion' });
          const bytes = contents.get(source.content).bytes.subarray(start, end);
          return putPart(upload, partOf(number, bytes, await checksumOf('crc64nvme', bytes)));
        },
        complete: async ({ key, uploadId }, parts, { size, crc64nvme }) => {
          await this.#call({ kind: 'COMPLETE', key, uploadId, parts: [...parts], size, crc64nvme });
        },
        abort: async ({ key, uploadId }) => {
          await this.#call({ kind: 'ABORT', key, uploadId });
        },
      },
      listing: services.listing,
      table: {
        get: async (id) => {
          const { item } = expected(await this.#call({ kind: 'GetItem', id }), 'item');
          return item && loaded(item);
        },
        put: async (item, condition) =>
          writeResult(await this.#call({ kind: 'PutItem', item: kept(item), condition })),
        delete: async (id, condition) => writeResult(await this.#call({ kind: 'DeleteItem', id, condition })),
      },
      sendToQueue: send(queue),
      sendToLargeObjects: send('large objects'),
      sendToDeadLetters: send('dead letters'),
      // A message may be received again at any time, so its visibility timeout decides nothing here.
      changeVisibility: async (changes) => changes.map(() => undefined),
    };
  }
}

const lost = (what: string) => new CallError(what, { outcome: 'unknown', code: 'ECONNRESET' });

/** A call in words. Bundle keys are left as they are. */
export function describe(operation: Operation): string {
  switch (operation.kind) {
    case 'GET':
    case 'PUT':
    case 'HEAD':
      return `${operation.kind} ${operation.bucket}/${operation.key}`;
    case 'PUT PART':
      return `PUT PART ${operation.part.number} of ${operation.key}`;
    case 'CREATE UPLOAD':
    case 'COMPLETE':
    case 'ABORT':
      return `${operation.kind} ${operation.key}`;
    case 'GetItem':
    case 'DeleteItem':
      return `${operation.kind} ${operation.id}`;
    case 'PutItem': {
      const { item, condition } = operation;
      const holder = item['bundle'] === undefined ? '' : ` for ${item['bundle']}`;
      return `PutItem ${item.id}${holder}${condition ? ` if ${condition.kind}` : ''}`;
    }
    case 'SendMessage':
      return `SendMessage ${operation.queue}`;
    case 'acknowledge':
      return `acknowledge ${operation.ids.join(', ')}`;
  }
}

function expected<K extends Reply['kind']>(reply: Reply, kind: K): Extract<Reply, { kind: K }> {
  if (reply.kind !== kind) throw new Error(`a call was answered with ${reply.kind} instead of ${kind}`);
  return reply as Extract<Reply, { kind: K }>;
}

function writeResult(reply: Reply) {
  if (reply.kind === 'refused')
    return { kind: 'refused', existing: reply.existing && loaded(reply.existing) } as const;
  expected(reply, 'done');
  return { kind: 'written' } as const;
}

/** Moments that decide nothing are left out, so that states differ only where it matters. */
const TIMELESS = new Set(['expires', 'since']);
const BINARY = 'base64:';

function kept(item: Item): StoredItem {
  const stored: StoredItem = { id: item.id };
  for (const [name, value] of Object.entries(item)) {
    if (value === undefined || TIMELESS.has(name)) continue;
    stored[name] = value instanceof Uint8Array ? `${BINARY}${Buffer.from(value).toString('base64')}` : value;
  }
  return stored;
}

function loaded(stored: StoredItem): Item {
  const item: Item = { id: stored.id, expires: EXPIRES };
  for (const [name, value] of Object.entries(stored)) {
    const isBinary = typeof value === 'string' && value.startsWith(BINARY);
    item[name] = isBinary ? Buffer.from(value.slice(BINARY.length), 'base64') : value;
  }
  return item;
}

function bodyOf(bytes: Uint8Array, breaksOff: boolean) {
  async function* chunks() {
    if (breaksOff) {
      yield bytes.subarray(0, Math.floor(bytes.length / 2));
      throw lost('body');
    }
    if (bytes.length > 0) yield bytes;
  }
  return Object.assign(chunks(), { destroy: ignore });
}

async function bytesOf(opened: AsyncIterable<Uint8Array> | Uint8Array): Promise<Buffer> {
  if (opened instanceof Uint8Array) return Buffer.from(opened);
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened) chunks.push(chunk);
  return Buffer.concat(chunks);
}
