import { CallError } from '@data-aggregator/shared-processing/errors';
import type { LedgerTable } from '@data-aggregator/shared-processing/ledger';
import type { MultipartStore, ObjectStore } from '@data-aggregator/shared-processing/s3';
import type { ChangeVisibilityBatch, SendBatch } from '@data-aggregator/shared-processing/sqs';
import {
  type MemoryStore,
  memoryStore,
  type MemoryTable,
  memoryTable,
} from '@data-aggregator/shared-processing/testing';
import { Queue } from './sqs.ts';
import { COMPLETION_LATENESS_MS } from '../settings.ts';
import type { Actor, World } from './world.ts';

/** The state of the cloud, which outlives every invocation. */
export interface Cloud {
  store: MemoryStore;
  table: MemoryTable;
  queue: Queue;
  largeObjects: Queue;
  deadLetters: Queue;
  /** Bundles by the name of the invocation that claimed members for them. */
  builders: Map<string, string>;
}

export function createCloud(world: World, settings: { visibilityMs: number; maxReceives: number }): Cloud {
  const deadLetters = new Queue({ visibilityMs: settings.visibilityMs, maxReceives: Infinity });
  return {
    store: memoryStore(() => world.now),
    table: memoryTable(),
    queue: new Queue({ ...settings, deadLetters }),
    largeObjects: new Queue({ ...settings, deadLetters }),
    deadLetters,
    builders: new Map(),
  };
}

/** The cloud as one invocation calls it. The scheduler decides the outcome of every call. */
export interface Reach {
  store: ObjectStore;
  multipart: MultipartStore;
  table: LedgerTable;
  sendToQueue: SendBatch;
  changeVisibility: ChangeVisibilityBatch;
  sendToLargeObjects: SendBatch;
  sendToDeadLetters: SendBatch;
}

/** @param queue that the invocation's messages come from */
export function reachOf(actor: Actor, world: World, cloud: Cloud, queue: Queue): Reach {
  const call = <T>(what: string, writes: boolean, effect: () => Promise<T>, lateness?: number) =>
    world.call(actor, what, writes, effect, lateness);
  const { multipart } = cloud.store;
  return {
    store: {
      async get(request) {
        const received = await call(`GET ${request.key}`, false, () => cloud.store.get(request));
        return { ...received, body: breakableBody(actor, world, request.key, received.body) };
      },
      async put(object) {
        // The bytes are read when the request is sent, whatever its outcome.
        const bytes = await bytesOf(object.open());
        await call(`PUT ${object.key}`, true, () => cloud.store.put({ ...object, open: () => bytes }));
      },
      head: (bucket, key) => call(`HEAD ${key}`, false, () => cloud.store.head(bucket, key)),
    },
    multipart: {
      create: (object) => call(`CREATE UPLOAD ${object.key}`, true, () => multipart.create(object)),
      async uploadPart(upload, part) {
        const sent = { ...part, bytes: Buffer.from(part.bytes) };
        return call(`PUT PART ${part.number} of ${upload.key}`, true, () =>
          multipart.uploadPart(upload, sent),
        );
      },
      copyPart: (upload, number, from) =>
        call(`COPY PART ${number} of ${upload.key}`, true, () => multipart.copyPart(upload, number, from)),
      complete: (upload, parts, whole) =>
        call(
          `COMPLETE ${upload.key}`,
          true,
          () => multipart.complete(upload, parts, whole),
          COMPLETION_LATENESS_MS,
        ),
      abort: (upload) => call(`ABORT UPLOAD ${upload.key}`, true, () => multipart.abort(upload)),
    },
    table: {
      get: (id) => call(`GetItem ${id}`, false, () => cloud.table.get(id)),
      put: (item, condition) => {
        if (typeof item['bundle'] === 'string') cloud.builders.set(item['bundle'], actor.name);
        const holder = item['bundle'] === undefined ? '' : ` for ${String(item['bundle'])}`;
        const unless = condition ? ` if ${condition.kind}` : '';
        return call(`PutItem ${item.id}${holder}${unless}`, true, () => cloud.table.put(item, condition));
      },
      delete: (id, condition) => call(`DeleteItem ${id}`, true, () => cloud.table.delete(id, condition)),
    },
    sendToQueue: (messages) => call('SendMessage queue', true, () => queue.sendAll(messages, world.now)),
    changeVisibility: (changes) =>
      call('ChangeMessageVisibility', true, () => queue.changeVisibility(changes, world.now)),
    sendToLargeObjects: (messages) =>
      call('SendMessage large objects', true, () => cloud.largeObjects.sendAll(messages, world.now)),
    sendToDeadLetters: (messages) =>
      call('SendMessage dead letters', true, () => cloud.deadLetters.sendAll(messages, world.now)),
  };
}

/** A body that the scheduler may cut off in the middle. */
function breakableBody(actor: Actor, world: World, key: string, body: AsyncIterable<Uint8Array>) {
  async function* chunks() {
    const content = await bytesOf(body);
    const half = Math.floor(content.length / 2);
    for (const part of [content.subarray(0, half), content.subarray(half)]) {
      if (part.length === 0) continue;
      yield await world.call(actor, `body of ${key}`, false, async () => part);
    }
  }
  return Object.assign(chunks(), { destroy: () => undefined });
}

async function bytesOf(opened: AsyncIterable<Uint8Array> | Uint8Array): Promise<Buffer> {
  if (opened instanceof Uint8Array) return Buffer.from(opened);
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Whether an error comes from the simulated services, and not from a mistake in the code. */
export function isOfTheCloud(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof CallError) return true;
  }
  return false;
}
