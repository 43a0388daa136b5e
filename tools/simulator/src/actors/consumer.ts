import { CallError } from '@data-aggregator/shared-processing/errors';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { receiptKey } from '@data-aggregator/shared-processing/receipt';
import type { ReceiptLayout } from '@data-aggregator/shared-processing/receipt';
import { readBytes } from '@data-aggregator/shared-processing/s3';
import { memoryListing } from '@data-aggregator/shared-processing/testing';
import type { Archive, Distribution } from '../../../../apps/consumer/src/aws/buckets.ts';
import { keysIn, type ReadyMessage, type ReadyQueue } from '../../../../apps/consumer/src/aws/ready-queue.ts';
import { bundleId } from '../../../../apps/consumer/src/inbox/bundle-id.ts';
import { inboxAt } from '../../../../apps/consumer/src/inbox/inbox.ts';
import type { Figures, Report } from '../../../../apps/consumer/src/report/report.ts';
import { createConsumer } from '../../../../apps/consumer/src/source/consume.ts';
import { breakableBody, callOf } from '../services/reach.ts';
import { SimulatedDisk } from '../services/disk.ts';
import { receiptOf } from '../services/sqs.ts';
import type { Actor } from '../services/world.ts';
import { isOfTheCloud } from '../services/cloud.ts';
import { BUCKETS, LIST_EVERY_MS, LIST_PAGE, LOST_AFTER_MS } from '../settings.ts';
import { driftOf, type Stage } from './stage.ts';

/** The services that the consumer calls. */
export interface ConsumerReach {
  distribution: Distribution;
  archive: Archive;
  queue: ReadyQueue | undefined;
}

/** Where the consumer's files go on its machine. */
export const INBOX = '/data/inbox';

const MAX_RESTART_MS = 30_000;
/** How long a long poll sleeps between two looks at the queue. */
const LOOK_EVERY_MS = 10_000;
const PREFIXES = ['bundles/', 'replays/'];

/** A machine on premise with a disk and, most of the time, the consumer's program. */
export class Machine {
  readonly disk: SimulatedDisk;
  readonly name: string;
  /** Bundles that were set aside. */
  readonly setAside: string[] = [];
  readonly #stage: Stage;
  readonly #settings: { layout: ReceiptLayout; parallel: number; hasQueue: boolean };
  #process: { actor: Actor; stop: AbortController } | undefined;
  #starts = 0;
  #isRestarting = false;

  constructor(stage: Stage, number: number) {
    const { world, random } = stage;
    this.#stage = stage;
    this.name = `consumer ${number}`;
    this.disk = new SimulatedDisk(world, random);
    this.disk.onRename = (actor, from, to) => this.#renamed(actor, from, to);
    // An inbox that has been opened before: its id must not be random.
    const id = `00000000-0000-4000-8000-00000000000${number}`;
    this.disk.putDurably(`${INBOX}/.consumer/consumer.json`, `${JSON.stringify({ id })}\n`);
    this.#settings = {
      layout: random.pick(['bundle', 'tree']),
      parallel: random.pick([1, 2, 4]),
      hasQueue: random.chance(0.8),
    };
  }

  /** Whether its program reads the ready queue, and does not only list the bucket. */
  get hasQueue(): boolean {
    return this.#settings.hasQueue;
  }

  /** What may happen to the machine now, other than that its program works. */
  disturbances(): (() => void)[] {
    const { world, random } = this.#stage;
    const process = this.#process;
    if (!process) return [];
    return [
      () => world.kill(process.actor, 'by chance'),
      () => {
        world.trace(`${process.actor.name} is asked to stop`);
        process.stop.abort(new Error('ended by SIGTERM'));
      },
      () => {
        world.trace(`the disk of ${this.name} is full`);
        this.disk.isFull = true;
        world.at(world.now + random.below(120_000), () => {
          this.disk.isFull = false;
        });
      },
    ];
  }

  /** The machine loses power and starts again. */
  losePower(): void {
    const process = this.#process;
    this.#process = undefined;
    if (process) this.#stage.world.kill(process.actor, 'its machine loses power');
    this.disk.losePower();
  }

  start(): void {
    if (this.#process) return;
    const { world, random } = this.#stage;
    const actor: Actor = {
      name: `${this.name}.${++this.#starts}`,
      drift: driftOf(random),
      deadline: Infinity,
      dead: false,
    };
    const stop = new AbortController();
    const process = { actor, stop };
    this.#process = process;
    actor.onKilled = () => {
      if (this.#process !== process) return;
      this.#process = undefined;
      if (random.chance(0.5)) {
        world.trace(`${this.name} loses power`);
        this.disk.losePower();
      }
      this.#restartLater();
    };
    world.trace(`${actor.name} starts`);
    this.#run(actor, stop.signal)
      .catch((error: unknown) => {
        if (!stop.signal.aborted && !isOfTheCloud(error) && !isOfTheDisk(error)) this.#stage.fail(error);
        world.trace(`${actor.name} ends: ${String(error)}`);
      })
      .finally(() => {
        actor.dead = true;
        if (this.#process !== process) return;
        this.#process = undefined;
        this.#restartLater();
      });
  }

  /** What the consumer's renames mean for the protocol. */
  #renamed({ name }: Actor, from: string, to: string): void {
    const id = /\/\.consumer\/work\/([^/]+)\//.exec(from)?.[1];
    if (id === undefined) return;
    const { world, cloud } = this.#stage;
    const bundle = cloud.store.keys(BUCKETS.distribution).find((key) => bundleId(key) === id);
    if (bundle === undefined) return;
    if (to.endsWith('/plan.json')) world.act(name, { kind: 'planned', bundle });
    else if (to.startsWith(`${INBOX}/.consumer/receipts/`))
      world.act(name, { kind: 'receipt', bundle, where: 'disk' });
    else if (!to.startsWith(`${INBOX}/.consumer/`)) world.act(name, { kind: 'renamed', bundle });
  }

  #restartLater(): void {
    const { world, random } = this.#stage;
    if (this.#isRestarting) return;
    this.#isRestarting = true;
    world.at(world.now + random.below(MAX_RESTART_MS), () => {
      this.#isRestarting = false;
      this.start();
    });
  }

  async #run(actor: Actor, signal: AbortSignal): Promise<void> {
    const { world, random, makeMutant } = this.#stage;
    const mutant = makeMutant();
    const view = this.disk.viewOf(actor);
    const inbox = inboxAt(INBOX, mutant.disk?.(view) ?? view);
    const consumer = await inbox.open();
    const clock = world.clockOf(actor);
    const plain = this.#reach(actor);
    const { distribution, archive, queue } = mutant.consumer?.(plain) ?? plain;
    const of = (prefix: string): Distribution => ({
      ...distribution,
      list: (after) => this.#list(actor, prefix, after),
    });
    const consuming = createConsumer({
      inbox,
      consumer,
      layout: this.#settings.layout,
      archive,
      distributions: [of('bundles/'), of('replays/')],
      queue,
      isOurs: (key) => PREFIXES.some((prefix) => key.startsWith(prefix)),
      parallel: this.#settings.parallel,
      listEveryMs: LIST_EVERY_MS,
      lostAfterMs: LOST_AFTER_MS,
      retryHooks: async () => 0,
      hook: undefined,
      reserveBytes: 0,
      isReplay: false,
      onBytes: () => undefined,
      clock,
      random: () => random.next(),
      report: this.#report(),
      signal,
    });
    await consuming.run();
  }

  #report(): Report {
    const figures: Figures = {
      ...{ bundles: 0, files: 0, bytes: 0, received: 0, setAside: 0, waiting: 0, oldestSeconds: 0 },
      ...{
        landingToDiskSeconds: undefined,
        lastDeliveredAt: undefined,
        pendingHooks: 0,
        condition: undefined,
      },
    };
    return {
      figures,
      event: (_level, name, fields) => {
        this.#stage.world.trace(
          `${this.name}: ${name} ${String(fields?.['bundle'] ?? fields?.['detail'] ?? '')}`,
        );
        if (name === 'bundle.set-aside') {
          this.setAside.push(`${String(fields?.['bundle'])}: ${String(fields?.['detail'])}`);
        }
      },
      update: (changes) => void Object.assign(figures, changes),
      stop: () => undefined,
    };
  }

  #list(actor: Actor, prefix: string, after: string | undefined) {
    const { world, cloud } = this.#stage;
    const listing = memoryListing(cloud.store, LIST_PAGE);
    return callOf(actor, world)(`LIST ${prefix}`, false, () =>
      listing.objects({ bucket: BUCKETS.distribution, prefix, after }),
    );
  }

  #reach(actor: Actor): ConsumerReach {
    const { world, cloud } = this.#stage;
    const call = callOf(actor, world);
    const { store } = cloud;
    return {
      distribution: {
        list: (after) => this.#list(actor, 'bundles/', after),
        async get(key, { from, to, ifMatch }) {
          const found = await call(`GET ${key}`, false, async () => {
            const latest = store.versions(BUCKETS.distribution, key).at(-1);
            if (!latest?.content) throw refusal(`GET ${key}`, 404, 'NoSuchKey');
            if (ifMatch !== undefined && ifMatch !== latest.etag)
              throw refusal(`GET ${key}`, 412, 'PreconditionFailed');
            return { ...latest, content: latest.content };
          });
          const { etag, versionId, content } = found;
          const bytes = (async function* () {
            yield content.subarray(from, to + 1);
          })();
          return { etag, versionId, size: content.length, body: breakableBody(call, key, bytes) };
        },
        remove: (key) =>
          call(`DELETE ${key}`, true, async () => {
            store.addDeleteMarker(BUCKETS.distribution, key);
            world.act(actor.name, { kind: 'deleted', bundle: key });
          }),
      },
      archive: {
        manifest: (bundle) =>
          call(`GET manifest of ${bundle}`, false, () =>
            orUndefined(readBytes(BUCKETS.archive, manifestKey(bundle), store)),
          ),
        receipt: (bundle) =>
          call(`GET receipt of ${bundle}`, false, async () => {
            const bytes = await orUndefined(readBytes(BUCKETS.archive, receiptKey(bundle), store));
            return bytes && Buffer.from(bytes).toString('utf8');
          }),
        putReceipt: (bundle, text) =>
          call(`PUT receipt of ${bundle}`, true, async () => {
            const key = receiptKey(bundle);
            if (store.versions(BUCKETS.archive, key).at(-1)?.content) return 'exists';
            store.upload(BUCKETS.archive, key, Buffer.from(text));
            world.act(actor.name, { kind: 'receipt', bundle, where: 'archive' });
            return 'stored';
          }),
      },
      queue: this.#settings.hasQueue ? this.#readyQueue(actor) : undefined,
    };
  }

  #readyQueue(actor: Actor): ReadyQueue {
    const { world, cloud, random } = this.#stage;
    const { ready } = cloud;
    const call = callOf(actor, world);
    const clock = world.clockOf(actor);
    const receive = () =>
      call('ReceiveMessage ready', true, async () =>
        ready
          .receive(
            ready
              .visible(world.now)
              .filter(() => random.chance(0.8))
              .slice(0, 10),
            actor.name,
            world.now,
          )
          .map((message): ReadyMessage => ({
            receiptHandle: receiptOf(message),
            keys: keysIn(message.body, BUCKETS.distribution),
            receives: message.receives,
          })),
      );
    return {
      async receive(waitSeconds, signal) {
        const until = clock.now() + waitSeconds * 1000;
        for (;;) {
          const messages = await receive();
          signal.throwIfAborted();
          const left = until - clock.now();
          if (messages.length > 0 || left <= 0) return messages;
          await clock.sleep(Math.min(LOOK_EVERY_MS, left), signal);
          signal.throwIfAborted();
        }
      },
      acknowledge: (messages) =>
        call('DeleteMessage ready', true, async () =>
          ready.acknowledge(messages.map(({ receiptHandle }) => receiptHandle.split('#')[0] ?? '')),
        ),
      hide: (messages, seconds) =>
        call('ChangeMessageVisibility ready', true, async () => {
          const changes = messages.map(({ receiptHandle }) => ({ receiptHandle, seconds }));
          await ready.changeVisibility(changes, world.now);
        }),
    };
  }
}

function isOfTheDisk(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EIO';
}

function refusal(what: string, status: number, code: string): CallError {
  return new CallError(what, { outcome: 'refused', status, code });
}

async function orUndefined<T>(value: Promise<T>): Promise<T | undefined> {
  try {
    return await value;
  } catch (error) {
    if (error instanceof CallError && error.code === 'NoSuchKey') return undefined;
    throw error;
  }
}
