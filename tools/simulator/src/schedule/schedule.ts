import { checksumOf, startChecksum } from '@data-aggregator/shared-processing/checksum';
import { parseGroupBy } from '@data-aggregator/shared-processing/groups';
import { claimId } from '@data-aggregator/shared-processing/ledger';
import { createRandom, type Random } from '@data-aggregator/shared-processing/testing';
import { Machine } from '../actors/consumer.ts';
import { Functions } from '../actors/functions.ts';
import { startMonitor } from '../actors/monitor.ts';
import { startOperator } from '../actors/operator.ts';
import { startReconciler } from '../actors/reconciler.ts';
import { startReplayer } from '../actors/replayer.ts';
import type { Stage } from '../actors/stage.ts';
import { type LandedFile, landingOf } from '../actors/uploader.ts';
import { type MakeMutant, steeredMutants, steeringOf } from '../mutants/mutants.ts';
import { checkEnd, isDeadLetter, publishedBundles } from '../rules/end.ts';
import type { Violation } from '../rules/violation.ts';
import { visibleFiles } from '../rules/on-disk.ts';
import { Watch } from '../rules/watch.ts';
import { createCloud } from '../services/cloud.ts';
import { World } from '../services/world.ts';
import {
  BUCKETS,
  COMPLETION_LATENESS_MS,
  DELIVERED_WITHIN_MS,
  GROUP_BY,
  LATENESS_MS,
  MAX_RECEIVES,
  MESSAGE_RETENTION_MS,
  RECONCILE_EVERY_MS,
  RECONCILED_WITHIN_MS,
  TIMEOUT_MS,
  VISIBILITY_MS,
} from '../settings.ts';
import type { OnAction } from '../trace.ts';

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
const MAX_STEPS = 20_000;
/** The code as it is. */
const sound: MakeMutant = () => ({});
/** Probability that S3 never notifies of a landed file, so that the reconciler must find it. */
const NEVER_NOTIFIED = 0.05;

/**
 * Runs one schedule from its first upload until nothing happens any more, and checks the result. Everything depends on the
 * seed.
 */
export async function runSchedule(options: ScheduleOptions): Promise<ScheduleResult> {
  const { seed, makeMutant, spared = new Set(), trace = () => undefined, maxFiles = Infinity } = options;
  // Loads WebAssembly: from here on, everything happens in an order that the seed decides.
  await checksumOf('crc64nvme', new Uint8Array());
  await startChecksum('crc64nvme');
  const random = createRandom(seed);
  const watches: Watch[] = [];
  const world = new World({
    random,
    // From calm to stormy.
    faultiness: random.pick([0.01, 0.05, 0.1, 0.25]),
    lateness: LATENESS_MS,
    spared,
    trace,
    onAction(event) {
      options.onAction?.(event);
      for (const watch of watches) watch.onAction(event);
    },
    // The sound code: chance alone for half of the schedules, the mutants' steerings for the other half.
    steer: makeMutant
      ? makeMutant().steer
      : random.chance(0.5)
        ? steeringOf(random.pick(steeredMutants))
        : undefined,
  });
  const visibilityMs = makeMutant?.().visibilityMs ?? VISIBILITY_MS;
  const cloud = createCloud(world, random, { visibilityMs, maxReceives: MAX_RECEIVES });
  let failure: unknown;
  const stage: Stage = {
    ...{ world, cloud, random, makeMutant: makeMutant ?? sound, running: new Set() },
    landing: landingOf(random, maxFiles),
    groupOf: seed % 2 === 0 ? parseGroupBy(GROUP_BY) : undefined,
    fail: (error) => (failure ??= error),
  };
  const run = new Run(stage, () => failure);
  watches.push(run.watch);

  let violation: Violation | undefined;
  try {
    await run.storm();
    await run.drain();
    await run.losePower();
    violation = run.violation ?? (await checkEnd(run.end));
    violation ??= await run.checkQuiet();
  } catch (error) {
    violation = {
      rule: 'the code works',
      detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
  return { violation, steps: run.steps, faults: world.faults, files: stage.landing.landed.length };
}

/** How often something may still happen. */
type Budget = Record<'again' | 'reconciler' | 'replayer' | 'operator' | 'monitor' | 'machine', number>;

class Run {
  steps = 0;
  readonly watch: Watch;
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #failure: () => unknown;
  readonly #functions: Functions;
  readonly #machines: Machine[];
  readonly #pace: number;
  #late: Violation | undefined;
  #processes = 0;

  constructor(stage: Stage, failure: () => unknown) {
    const { random, cloud, landing } = stage;
    this.#stage = stage;
    this.#random = random;
    this.#failure = failure;
    this.#functions = new Functions(stage);
    this.#pace = random.pick([0.01, 0.03, 0.1]);
    this.#machines = Array.from({ length: random.chance(0.3) ? 2 : 1 }, (_, n) => new Machine(stage, n + 1));
    this.watch = new Watch(cloud, this.#machines, landing.landed);
  }

  get end() {
    const { cloud, landing, groupOf } = this.#stage;
    return { cloud, landed: landing.landed, machines: this.#machines, groupOf };
  }

  /** A rule that was broken on the way. */
  get violation(): Violation | undefined {
    return this.watch.violation ?? this.#functions.wastedReceive ?? this.#late;
  }

  /** Everything at once: files arrive, messages are delivered twice, calls fail, processes die, commands run. */
  async storm(): Promise<void> {
    const { landing, running } = this.#stage;
    const random = this.#random;
    const budget: Budget = {
      again: random.pick([0, 1, 3, 10, 20]),
      reconciler: random.pick([0, 0, 1, 3]),
      replayer: random.pick([0, 0, 1, 3]),
      operator: random.pick([0, 0, 1, 3]),
      monitor: random.pick([0, 0, 0, 1]),
      machine: random.pick([0, 1, 3]),
    };
    for (const machine of this.#machines) machine.start();
    while (landing.hasMore || Object.values(budget).some((left) => left > 0) || running.size > 0) {
      const actions = [...this.#actions(), ...this.#disturbances(budget)];
      if (landing.hasMore) actions.push(() => this.#land());
      await this.#step(actions, true);
    }
  }

  /** Continues without faults until the queues are empty, the consumers have everything, and the reconciler has found the rest. */
  async drain(): Promise<void> {
    const { world } = this.#stage;
    world.quiet = true;
    const began = world.now;
    await this.#untilQuiet();
    this.#checkTime(began, DELIVERED_WITHIN_MS);
    while (this.#unsettled.length > 0 && world.now < began + RECONCILED_WITHIN_MS) {
      await world.advanceTo(world.now + RECONCILE_EVERY_MS);
      this.#startReconciler();
      await this.#untilQuiet();
    }
    await world.advanceTo(world.now + TIMEOUT_MS + COMPLETION_LATENESS_MS);
    await this.#untilQuiet();
  }

  /** In the end all machines lose power: only what is on their disks counts. */
  async losePower(): Promise<void> {
    const { world } = this.#stage;
    for (const machine of this.#machines) {
      machine.losePower();
      machine.start();
    }
    const until = world.now + TIMEOUT_MS;
    while (world.now < until) await this.#step(this.#actions(), false);
  }

  /** Delivering any notification again, however late, must change nothing. */
  async checkQuiet(): Promise<Violation | undefined> {
    const { world, landing, cloud } = this.#stage;
    const state = () => {
      const files = this.#machines.flatMap((machine) => visibleFiles(machine).map(([path]) => path));
      return [...publishedBundles(cloud).map(({ key }) => key), ...files];
    };
    const before = new Set(state());
    await world.advanceTo(world.now + this.#random.below(MESSAGE_RETENTION_MS));
    for (const file of landing.landed) if (this.#isDelivered(file)) this.#notify([file]);
    await this.drain();
    const extra = state().find((one) => !before.has(one));
    if (extra === undefined) return undefined;
    return { rule: 'once quiet, a further delivery changes nothing', detail: `${extra} appeared after that` };
  }

  #actions(): (() => void | Promise<void>)[] {
    const { world } = this.#stage;
    const actions: (() => void | Promise<void>)[] = [...this.#functions.actions()];
    if (world.hasReadyCall) {
      const decide = () => world.decideCall();
      actions.push(decide, decide, decide, decide);
    }
    return actions;
  }

  /** What may happen now from outside, each as often as the budget says. */
  #disturbances(budget: Budget): (() => void)[] {
    const { world, landing } = this.#stage;
    const random = this.#random;
    const actions: (() => void)[] = [];
    const may = (what: keyof Budget, act: () => void) => {
      if (budget[what] <= 0) return;
      actions.push(() => {
        budget[what]--;
        act();
      });
    };
    const hidden = this.#functions.queues
      .flatMap(({ messages }) => [...messages.values()])
      .filter(({ visibleAt }) => visibleAt > world.now);
    if (hidden.length > 0) {
      may('again', () => {
        const message = random.pick(hidden);
        if (!world.mayDisturb()) return;
        message.visibleAt = world.now;
        message.receiver = undefined;
        world.trace(`SQS delivers ${message.id} again`);
      });
    }
    if (landing.landed.length > 0) {
      may('again', () => {
        // One message may hold the records of several files.
        const files = random.chance(0.5) ? [random.pick(landing.landed)] : landing.landed;
        if (world.mayDisturb()) this.#notify(files);
      });
    } else if (!landing.hasMore) budget.again = 0;
    may('reconciler', () => {
      if (world.mayDisturb()) this.#startReconciler();
    });
    may('replayer', () => this.#startReplayer());
    may('operator', () => this.#startOperator());
    may('monitor', () => {
      if (world.mayDisturb()) startMonitor(this.#stage, this.#name('monitor'), () => undefined);
    });
    const machine = random.pick(this.#machines);
    const events = machine.disturbances();
    may('machine', () => {
      if (events.length > 0) random.pick(events)();
    });
    return actions;
  }

  #name(what: string): string {
    return `${what} ${++this.#processes}`;
  }

  #startReconciler(): void {
    const name = this.#name('reconciler');
    this.watch.reconcilerStarts(name);
    startReconciler(this.#stage, name);
  }

  #startReplayer(): void {
    const bundles = publishedBundles(this.#stage.cloud)
      .map(({ key }) => key)
      .filter((key) => key.startsWith('bundles/'));
    if (bundles.length === 0 || !this.#stage.world.mayDisturb()) return;
    const chosen = [...new Set([this.#random.pick(bundles), this.#random.pick(bundles)])];
    startReplayer(this.#stage, this.#name('replayer'), this.#random.pick(['r1', 'r2']), chosen);
  }

  #startOperator(): void {
    const { world, cloud } = this.#stage;
    if (!world.mayDisturb()) return;
    if (this.#random.chance(0.5)) {
      world.trace('the operator corrects the permissions');
      cloud.denied.clear();
    }
    startOperator(this.#stage, this.#name('operator'), this.#random.pick(['redrive', 'redrive', 'drop']));
  }

  /** Steps until no message, bundle or process is left, other than the idle consumers. */
  async #untilQuiet(): Promise<void> {
    const { running, cloud } = this.#stage;
    const isWaiting = () =>
      running.size > 0 ||
      this.#functions.isWaiting ||
      cloud.inTransit > 0 ||
      (cloud.ready.messages.size > 0 && this.#machines.some(({ hasQueue }) => hasQueue)) ||
      this.#hasBundles();
    while (isWaiting()) await this.#step(this.#actions(), false);
  }

  #hasBundles(): boolean {
    const { store } = this.#stage.cloud;
    return store
      .keys(BUCKETS.distribution)
      .some((key) => store.versions(BUCKETS.distribution, key).at(-1)?.content !== undefined);
  }

  /** The files that are neither in a bundle nor among the dead letters. */
  get #unsettled(): LandedFile[] {
    const { landing, cloud } = this.#stage;
    return landing.landed.filter(
      (file) =>
        !this.#isDelivered(file) &&
        !isDeadLetter(file, cloud) &&
        cloud.store.versions(BUCKETS.landing, file.key).some(({ versionId }) => versionId === file.versionId),
    );
  }

  #isDelivered({ content }: LandedFile): boolean {
    return publishedBundles(this.#stage.cloud).some((bundle) => bundle.content.includes(content));
  }

  #checkTime(began: number, withinMs: number): void {
    const took = this.#stage.world.now - began;
    if (took <= withinMs) return;
    this.#late ??= {
      rule: 'once faults end, everything is delivered in time',
      detail: `it took ${Math.round(took / 1000)} s instead of ${withinMs / 1000} s`,
    };
  }

  async #step(actions: (() => void | Promise<void>)[], mayWait: boolean): Promise<void> {
    if (++this.steps > MAX_STEPS) throw new Error(`the schedule has not ended after ${MAX_STEPS} steps`);
    const failure = this.#failure();
    if (failure) throw failure;
    const isIdle = actions.length === 0;
    if (isIdle || (mayWait && this.#random.chance(this.#pace))) await this.#pass(isIdle);
    else await this.#random.pick(actions)();
    await this.#stage.world.settle();
  }

  /** Advances time to the next timer, or by a random amount. */
  async #pass(isIdle: boolean): Promise<void> {
    const { world, cloud } = this.#stage;
    const queues = [...this.#functions.queues, cloud.ready];
    const moments = [world.nextMoment, ...queues.map(({ nextVisible }) => nextVisible)];
    const later = moments.filter((moment) => moment !== undefined && moment > world.now) as number[];
    const target =
      isIdle && later.length > 0
        ? Math.min(...later)
        : world.now + this.#random.below(this.#random.pick([2_000, 20_000, TIMEOUT_MS]));
    await world.advanceTo(target);
  }

  #land(): void {
    const { world, landing, cloud } = this.#stage;
    const file = landing.next(cloud);
    world.trace(`${file.key} lands: ${claimId(file.objectId)}`);
    world.act('uploader', { kind: 'landed', object: file.objectId, key: file.key });
    // The reconciler cannot find what is no longer in the bucket.
    const isListed = cloud.store
      .versions(BUCKETS.landing, file.key)
      .some(({ versionId }) => versionId === file.versionId);
    if (isListed && this.#random.chance(NEVER_NOTIFIED) && world.mayDisturb())
      world.trace(`S3 does not notify of ${file.key}`);
    else this.#notify([file]);
  }

  #notify(files: readonly Pick<LandedFile, 'key' | 'record' | 'objectId'>[]): void {
    const { cloud, world } = this.#stage;
    cloud.queue.send(
      { body: JSON.stringify({ Records: files.map(({ record }) => record) }), attributes: {} },
      world.now,
    );
    world.trace(`S3 notifies of ${files.map(({ key }) => key).join(', ')}`);
    world.act('S3', { kind: 'notified', objects: files.map(({ objectId }) => objectId) });
  }
}
