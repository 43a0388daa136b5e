import { checksumOf } from '@data-aggregator/shared-processing/checksum';
import { type GroupOf, parseGroupBy } from '@data-aggregator/shared-processing/groups';
import { claimId } from '@data-aggregator/shared-processing/ledger';
import { checkEnd, type Violation } from '../rules/end.ts';
import { Consumer } from '../actors/consumer.ts';
import { invoke } from '../actors/aggregator.ts';
import { createRandom, type Random } from '@data-aggregator/shared-processing/testing';
import { type Cloud, createCloud, isOfTheCloud, reachOf } from '../services/cloud.ts';
import {
  COMPLETION_LATENESS_MS,
  DRIFT_MS,
  FORWARD_BYTES,
  GROUP_BY,
  LATENESS_MS,
  MESSAGE_RETENTION_MS,
  MAX_RECEIVES,
  TIMEOUT_MS,
  VISIBILITY_MS,
} from '../settings.ts';
import { type MakeMutant, steeredMutants, steeringOf } from '../mutants/mutants.ts';
import { type Queue, receiptOf, type SimulatedMessage } from '../services/sqs.ts';
import { type Actor, World } from '../services/world.ts';
import type { OnAction } from '../trace.ts';
import { type LandedFile, landingOf, type Landing } from '../actors/uploader.ts';

export interface ScheduleOptions {
  seed: number;
  /** The code to run: a mutant, or the sound code where there is none, which the seed then steers. */
  makeMutant?: MakeMutant;
  /** Numbers of the faults to suppress. */
  spared?: ReadonlySet<number>;
  /** Maximum number of files. */
  maxFiles?: number;
  trace?: (line: string) => void;
  /** Gets the actions of the protocol, in the order in which they take effect. */
  onAction?: OnAction;
}

export interface ScheduleResult {
  violation: Violation | undefined;
  steps: number;
  /** Faults and disturbances that happened or were suppressed. */
  faults: number;
  files: number;
}

/** A schedule with more steps counts as endless. */
const MAX_STEPS = 5_000;
const MAX_CONCURRENT_INVOCATIONS = 3;
/** The code as it is. */
const sound: MakeMutant = () => ({});

/**
 * Runs one schedule from its first upload until nothing happens any more, and checks the result. Everything depends on the
 * seed.
 */
export async function runSchedule(options: ScheduleOptions): Promise<ScheduleResult> {
  const { seed, makeMutant, spared = new Set(), trace = () => undefined, maxFiles = Infinity } = options;
  const { onAction } = options;
  // Loads WebAssembly: from here on, everything happens in an order that the seed decides.
  await checksumOf('crc64nvme', new Uint8Array());
  const random = createRandom(seed);
  const world = new World({
    random,
    // From calm to stormy.
    faultiness: random.pick([0.01, 0.05, 0.1, 0.25]),
    lateness: LATENESS_MS,
    spared,
    trace,
    onAction,
    // The sound code: chance alone for half of the schedules, the mutants' steerings for the other half.
    steer: makeMutant
      ? makeMutant().steer
      : random.chance(0.5)
        ? steeringOf(random.pick(steeredMutants))
        : undefined,
  });
  const visibilityMs = makeMutant?.().visibilityMs ?? VISIBILITY_MS;
  const cloud = createCloud(world, { visibilityMs, maxReceives: MAX_RECEIVES });
  const landing = landingOf(random, maxFiles);
  const groupOf = seed % 2 === 0 ? parseGroupBy(GROUP_BY) : undefined;
  const run = new Run(world, cloud, random, landing, makeMutant ?? sound, groupOf);

  let violation: Violation | undefined;
  try {
    await run.storm();
    await run.drain();
    violation = run.wastedReceive ?? (await checkEnd(cloud, landing, run.consumer, groupOf));
    violation ??= await run.checkQuiet();
  } catch (error) {
    violation = {
      rule: 'the code works',
      detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
  return { violation, steps: run.steps, faults: world.faults, files: landing.landed.length };
}

class Run {
  steps = 0;
  /** A message that returned although the claim of its dead builder had not expired. */
  wastedReceive: Violation | undefined;
  readonly consumer: Consumer;
  readonly #world: World;
  readonly #cloud: Cloud;
  readonly #random: Random;
  readonly #landing: Landing;
  readonly #makeMutant: MakeMutant;
  readonly #groupOf: GroupOf | undefined;
  readonly #running = new Set<Actor>();
  readonly #pace: number;
  #invocations = 0;
  #failure: unknown;

  constructor(
    world: World,
    cloud: Cloud,
    random: Random,
    landing: Landing,
    makeMutant: MakeMutant,
    groupOf: GroupOf | undefined,
  ) {
    this.#world = world;
    this.#cloud = cloud;
    this.#random = random;
    this.#landing = landing;
    this.#makeMutant = makeMutant;
    this.#groupOf = groupOf;
    this.consumer = new Consumer(world, cloud);
    this.#pace = random.pick([0.01, 0.03, 0.1]);
  }

  /** Everything at once: files arrive, messages are delivered twice, calls fail, invocations die, the consumer pulls. */
  async storm(): Promise<void> {
    const landing = this.#landing;
    let again = this.#random.pick([0, 1, 3, 10, 20]);
    while (landing.hasMore || again > 0 || this.#running.size > 0) {
      const actions = this.#actions();
      if (landing.hasMore) actions.push(() => this.#land());
      const hidden = this.#queues
        .flatMap(({ messages }) => [...messages.values()])
        .filter(({ visibleAt }) => visibleAt > this.#world.now);
      if (again > 0 && hidden.length > 0) {
        actions.push(() => {
          again--;
          const message = this.#random.pick(hidden);
          if (!this.#world.mayDisturb()) return;
          message.visibleAt = this.#world.now;
          message.receiver = undefined;
          this.#world.trace(`SQS delivers ${message.id} again`);
        });
      }
      if (again > 0 && landing.landed.length > 0) {
        actions.push(() => {
          again--;
          // One message may hold the records of several files.
          const files = this.#random.chance(0.5) ? [this.#random.pick(landing.landed)] : landing.landed;
          if (this.#world.mayDisturb()) this.#notify(files);
        });
      }
      await this.#step(actions, true);
    }
  }

  /** Continues without faults until the queue is empty and the consumer has everything. */
  async drain(): Promise<void> {
    this.#world.quiet = true;
    const isWaiting = () => this.#queues.some(({ messages }) => messages.size > 0);
    while (this.#running.size > 0 || isWaiting()) await this.#step(this.#actions(), false);
    await this.#world.advanceTo(this.#world.now + TIMEOUT_MS + COMPLETION_LATENESS_MS);
    this.consumer.pullAll();
  }

  /** Delivering any notification again, however late, must change nothing. */
  async checkQuiet(): Promise<Violation | undefined> {
    const before = this.consumer.pulls.length;
    await this.#world.advanceTo(this.#world.now + this.#random.below(MESSAGE_RETENTION_MS));
    for (const file of this.#landing.landed) {
      if (this.consumer.hasContent(file.content)) this.#notify([file]);
    }
    await this.drain();
    if (this.consumer.pulls.length === before) return undefined;
    const [extra] = this.consumer.pulls.slice(before);
    return {
      rule: 'once quiet, a further delivery changes nothing',
      detail: `${extra?.key} was pulled after that`,
    };
  }

  #actions(): (() => void | Promise<void>)[] {
    const actions: (() => void | Promise<void>)[] = [];
    const world = this.#world;
    if (world.hasReadyCall) {
      const decide = () => world.decideCall();
      actions.push(decide, decide, decide, decide);
    }
    for (const queue of this.#queues) {
      const visible = queue.visible(world.now);
      if (visible.length > 0 && this.#running.size < MAX_CONCURRENT_INVOCATIONS)
        actions.push(() => this.#invoke(queue, visible));
    }
    if (this.consumer.hasSomething) actions.push(() => this.consumer.act(this.#random));
    return actions;
  }

  async #step(actions: (() => void | Promise<void>)[], mayWait: boolean): Promise<void> {
    if (++this.steps > MAX_STEPS) throw new Error(`the schedule has not ended after ${MAX_STEPS} steps`);
    if (this.#failure) throw this.#failure;
    const isIdle = actions.length === 0;
    if (isIdle || (mayWait && this.#random.chance(this.#pace))) await this.#pass(isIdle);
    else await this.#random.pick(actions)();
    await this.#world.settle();
  }

  /** Advances time to the next timer, or by a random amount. */
  async #pass(isIdle: boolean): Promise<void> {
    const world = this.#world;
    const moments = [world.nextMoment, ...this.#queues.map(({ nextVisible }) => nextVisible)];
    const later = moments.filter((moment) => moment !== undefined && moment > world.now) as number[];
    const target =
      isIdle && later.length > 0
        ? Math.min(...later)
        : world.now + this.#random.below(this.#random.pick([2_000, 20_000, TIMEOUT_MS]));
    await world.advanceTo(target);
  }

  #land(): void {
    const file = this.#landing.next(this.#cloud.store);
    this.#world.trace(`${file.key} lands: ${claimId(file.objectId)}`);
    this.#world.act('uploader', { kind: 'landed', object: file.objectId, key: file.key });
    this.#notify([file]);
  }

  #notify(files: readonly Pick<LandedFile, 'key' | 'record' | 'objectId'>[]): void {
    this.#cloud.queue.send(
      { body: JSON.stringify({ Records: files.map(({ record }) => record) }), attributes: {} },
      this.#world.now,
    );
    this.#world.trace(`S3 notifies of ${files.map(({ key }) => key).join(', ')}`);
    this.#world.act('S3', { kind: 'notified', objects: files.map(({ objectId }) => objectId) });
  }

  get #queues(): Queue[] {
    return [this.#cloud.queue, this.#cloud.largeObjects];
  }

  /** Claims of a dead builder must expire before its messages return, or the receive achieves nothing. */
  #checkReceive({ id, body, receiver }: SimulatedMessage): void {
    if (receiver === undefined || !this.#world.killed.has(receiver)) return;
    for (const { objectId } of this.#landing.landed.filter(({ record }) =>
      body.includes(JSON.stringify(record)),
    )) {
      const claim = this.#cloud.table.items.get(claimId(objectId));
      const isOfReceiver = this.#cloud.builders.get(String(claim?.['bundle'])) === receiver;
      const until = Number(claim?.['until']);
      if (!isOfReceiver || until <= this.#world.now) continue;
      this.wastedReceive ??= {
        rule: 'claims of a dead builder expire before its messages return',
        detail: `${id} returned ${until - this.#world.now} ms before the claim of ${receiver} expired`,
      };
    }
  }

  #invoke(queue: Queue, visible: readonly SimulatedMessage[]): void {
    const world = this.#world;
    const random = this.#random;
    const isForLargeObjects = queue === this.#cloud.largeObjects;
    const wanted = visible.filter(() => random.chance(0.7)).slice(0, isForLargeObjects ? 1 : undefined);
    for (const message of wanted) this.#checkReceive(message);
    const name = `invocation ${++this.#invocations}`;
    const batch = queue.receive(wanted, name, world.now);
    if (batch.length === 0) return;
    const actor: Actor = {
      name,
      drift: random.below(2 * DRIFT_MS) - DRIFT_MS,
      deadline: world.now + TIMEOUT_MS,
      dead: false,
    };
    this.#running.add(actor);
    world.at(actor.deadline, () => {
      world.kill(actor, 'at its deadline');
      this.#running.delete(actor);
    });
    world.trace(`${actor.name} receives ${batch.map(({ id }) => id).join(' ')}`);
    const mutant = this.#makeMutant();
    const messages = batch.map((message) => ({
      messageId: message.id,
      receiptHandle: receiptOf(message),
      body: message.body,
      attributes: { ApproximateReceiveCount: String(message.receives) },
    }));
    const division = { forwardBytes: isForLargeObjects ? undefined : FORWARD_BYTES, groupOf: this.#groupOf };
    const acknowledge = (failed: ReadonlySet<string>) => {
      if (actor.dead) return;
      const done = messages.map(({ messageId }) => messageId).filter((id) => !failed.has(id));
      world.trace(`${actor.name} acknowledges ${done.join(' ') || 'nothing'}`);
      queue.acknowledge(done);
    };
    const cloud = mutant.cloud?.(this.#cloud) ?? this.#cloud;
    invoke(actor, messages, division, reachOf(actor, world, cloud, queue), world, random, mutant)
      .then(
        ({ batchItemFailures }) =>
          acknowledge(new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))),
        (error: unknown) => {
          if (!isOfTheCloud(error)) this.#failure = error;
          world.trace(`${actor.name} fails: ${String(error)}`);
          if (mutant.acknowledgesFailures) acknowledge(new Set());
        },
      )
      .finally(() => {
        this.#running.delete(actor);
        actor.dead = true;
      });
  }
}
