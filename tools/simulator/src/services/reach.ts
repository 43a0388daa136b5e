import { CallError } from '@data-aggregator/shared-processing/errors';
import {
  bundleId,
  claimId,
  type Item,
  isReleased,
  type LedgerTable,
  objectIdOf,
  quarantineId,
  unpackIds,
} from '@data-aggregator/shared-processing/ledger';
import { MANIFEST_PREFIX, parseManifest } from '@data-aggregator/shared-processing/manifest';
import type {
  MultipartStore,
  ObjectListing,
  ObjectRequest,
  ObjectStore,
} from '@data-aggregator/shared-processing/s3';
import type {
  ChangeVisibilityBatch,
  OutgoingMessage,
  SendBatch,
} from '@data-aggregator/shared-processing/sqs';
import { memoryListing } from '@data-aggregator/shared-processing/testing';
import { BUCKETS, COMPLETION_LATENESS_MS, LIST_PAGE } from '../settings.ts';
import type { Action, QueueName } from '../trace.ts';
import { type Cloud, objectsIn } from './cloud.ts';
import type { Queue } from './sqs.ts';
import type { Actor, World } from './world.ts';

/** The cloud as one process calls it. The scheduler decides the outcome of every call. */
export interface Reach {
  store: ObjectStore;
  multipart: MultipartStore;
  listing: ObjectListing;
  table: LedgerTable;
  sendToQueue: SendBatch;
  changeVisibility: ChangeVisibilityBatch;
  sendToLargeObjects: SendBatch;
  sendToDeadLetters: SendBatch;
}

/** Makes a call of a process: see `World.call`. */
export type Call = <T>(
  what: string,
  writes: boolean,
  effect: () => Promise<T>,
  lateness?: number,
) => Promise<T>;

export function callOf(actor: Actor, world: World): Call {
  return (what, writes, effect, lateness) => world.call(actor, what, writes, effect, lateness);
}

/** @param queue that the invocation's messages come from, or go to */
export function reachOf(actor: Actor, world: World, cloud: Cloud, queue: Queue): Reach {
  const call = callOf(actor, world);
  const act = (action: Action | undefined) => {
    if (action) world.act(actor.name, action);
  };
  const { multipart } = cloud.store;
  const listing = memoryListing(cloud.store, LIST_PAGE);
  const queueName: QueueName = queue === cloud.largeObjects ? 'large-objects' : 'queue';
  const send = async (
    to: Queue,
    messages: readonly OutgoingMessage[],
    actionOf: (m: OutgoingMessage) => Action,
  ) => {
    const sent = await to.sendAll(messages, world.now);
    for (const message of messages) act(actionOf(message));
    return sent;
  };
  const requeued =
    (to: QueueName) =>
    ({ body }: OutgoingMessage): Action => ({ kind: 'requeued', queue: to, objects: objectsIn(body) });
  return {
    store: {
      async get(request) {
        const received = await call(`GET ${request.key}`, false, async () => {
          checkReadable(request, cloud);
          return cloud.store.get(request);
        });
        return { ...received, body: breakableBody(call, request.key, received.body) };
      },
      async put(object) {
        // The bytes are read when the request is sent, whatever its outcome.
        const bytes = await bytesOf(object.open());
        await call(`PUT ${object.key}`, true, async () => {
          await cloud.store.put({ ...object, open: () => bytes });
          act(actionOfPut(object.bucket, object.key, bytes));
        });
      },
      head: (bucket, key) => call(`HEAD ${key}`, false, () => cloud.store.head(bucket, key)),
    },
    multipart: {
      create: (object) =>
        call(`CREATE UPLOAD ${object.key}`, true, async () => {
          const upload = await multipart.create(object);
          act({ kind: 'uploadStarted', bundle: object.key, upload });
          return upload;
        }),
      async uploadPart(upload, part) {
        const sent = { ...part, bytes: Buffer.from(part.bytes) };
        return call(`PUT PART ${part.number} of ${upload.key}`, true, () =>
          multipart.uploadPart(upload, sent),
        );
      },
      copyPart: (upload, number, from) =>
        call(`COPY PART ${number} of ${upload.key}`, true, async () => {
          checkReadable(from, cloud);
          return multipart.copyPart(upload, number, from);
        }),
      complete: (upload, parts, whole) =>
        call(
          `COMPLETE ${upload.key}`,
          true,
          async () => {
            await multipart.complete(upload, parts, whole);
            act({ kind: 'published', bundle: upload.key, upload: upload.uploadId });
          },
          COMPLETION_LATENESS_MS,
        ),
      abort: (upload) =>
        call(`ABORT UPLOAD ${upload.key}`, true, async () => {
          await multipart.abort(upload);
          act({ kind: 'uploadAborted', bundle: upload.key, upload: upload.uploadId });
        }),
    },
    listing: {
      objects: (start) => call(`LIST ${start.prefix ?? start.bucket}`, false, () => listing.objects(start)),
      folders: (start) =>
        call(`LIST folders of ${start.prefix ?? start.bucket}`, false, () => listing.folders(start)),
      versions: (start) => call(`LIST versions of ${start.bucket}`, false, () => listing.versions(start)),
    },
    table: {
      get: (id) => call(`GetItem ${id}`, false, () => cloud.table.get(id)),
      put: (item, condition) => {
        if (typeof item['bundle'] === 'string') cloud.builders.set(item['bundle'], actor.name);
        const holder = item['bundle'] === undefined ? '' : ` for ${String(item['bundle'])}`;
        const unless = condition ? ` if ${condition.kind}` : '';
        return call(`PutItem ${item.id}${holder}${unless}`, true, async () => {
          const before = cloud.table.items.get(item.id);
          const result = await cloud.table.put(item, condition);
          if (result.kind === 'written') act(actionOfItem(item, before));
          return result;
        });
      },
      delete: (id, condition) =>
        call(`DeleteItem ${id}`, true, async () => {
          const before = cloud.table.items.get(id);
          const result = await cloud.table.delete(id, condition);
          if (result.kind === 'written' && before) act(actionOfDeletion(before));
          return result;
        }),
    },
    sendToQueue: (messages) =>
      call(`SendMessage ${queueName}`, true, () => send(queue, messages, requeued(queueName))),
    changeVisibility: (changes) =>
      call('ChangeMessageVisibility', true, () => queue.changeVisibility(changes, world.now)),
    sendToLargeObjects: (messages) =>
      call('SendMessage large objects', true, () =>
        send(cloud.largeObjects, messages, requeued('large-objects')),
      ),
    sendToDeadLetters: (messages) =>
      call('SendMessage dead letters', true, () =>
        send(cloud.deadLetters, messages, ({ body, attributes }) => ({
          kind: 'quarantined',
          objects: objectsIn(body),
          reason: attributes['reason'] ?? '',
        })),
      ),
  };
}

function actionOfPut(bucket: string, key: string, bytes: Buffer): Action | undefined {
  if (bucket === BUCKETS.distribution) return { kind: 'published', bundle: key };
  if (key.startsWith('dropped/')) return { kind: 'dropRecorded', objects: droppedIn(bytes) };
  if (!key.startsWith(MANIFEST_PREFIX)) return undefined;
  const { bundle, members } = parseManifest(String(bytes), key);
  return { kind: 'manifestStored', bundle: bundle.key, objects: members.map(objectIdOf) };
}

function droppedIn(record: Buffer): string[] {
  const { letters } = JSON.parse(String(record)) as { letters: { body: string }[] };
  return [...new Set(letters.flatMap(({ body }) => objectsIn(body)))];
}

const [CLAIM, BUNDLE, QUARANTINE] = [claimId(''), bundleId(''), quarantineId('')];

/** What the writing of an item to the ledger means. */
function actionOfItem(item: Item, before: Item | undefined): Action | undefined {
  const { id } = item;
  if (id.startsWith(CLAIM)) {
    const object = id.slice(CLAIM.length);
    const [bundle, until] = [String(item['bundle']), Number(item['until'])];
    const from = before && !isReleased(before) ? String(before['bundle']) : undefined;
    if (isReleased(item)) return from === undefined ? undefined : { kind: 'released', object, bundle: from };
    if (from === undefined) return { kind: 'claimed', object, bundle, until };
    return from === bundle ? undefined : { kind: 'takenOver', object, bundle, until, from };
  }
  if (id.startsWith(QUARANTINE)) {
    return { kind: 'quarantineMarked', object: id.slice(QUARANTINE.length), reason: String(item['reason']) };
  }
  if (!id.startsWith(BUNDLE)) return undefined;
  const bundle = id.slice(BUNDLE.length);
  const { members, upload, givenUp } = item;
  if (members instanceof Uint8Array) return { kind: 'recorded', bundle, objects: unpackIds(members) };
  if (givenUp) return { kind: 'gaveUp', bundle };
  return typeof upload === 'string' ? { kind: 'uploadRecorded', bundle, upload } : undefined;
}

function actionOfDeletion(before: Item): Action | undefined {
  const { id } = before;
  if (id.startsWith(QUARANTINE)) return { kind: 'quarantineUnmarked', object: id.slice(QUARANTINE.length) };
  if (!id.startsWith(CLAIM) || isReleased(before)) return undefined;
  return { kind: 'released', object: id.slice(CLAIM.length), bundle: String(before['bundle']) };
}

/** @throws CallError if nobody may read the version at the moment */
function checkReadable({ bucket, key, versionId }: ObjectRequest, { denied }: Cloud): void {
  if (versionId === undefined || !denied.has(versionId)) return;
  throw new CallError(`GET ${bucket}/${key}`, { outcome: 'refused', status: 403, code: 'AccessDenied' });
}

/** A body that the scheduler may cut off in the middle. */
export function breakableBody(call: Call, key: string, body: AsyncIterable<Uint8Array>) {
  async function* chunks() {
    const content = await bytesOf(body);
    const half = Math.floor(content.length / 2);
    for (const part of [content.subarray(0, half), content.subarray(half)]) {
      if (part.length === 0) continue;
      yield await call(`body of ${key}`, false, async () => part);
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
