import { checksumOf, startChecksum } from '@data-aggregator/shared-processing/checksum';
import { parseGroupBy } from '@data-aggregator/shared-processing/groups';
import { claimId } from '@data-aggregator/shared-processing/ledger';
import { createRandom, type Random } from '@data-aggregator/shared-processing/testing';
import { Machine } from '../actors/consumer.ts';
import { Functions } from '../actors/functions.ts';
import { type Measured, startMonitor } from '../actors/monitor.ts';
import { startOperator } from '../actors/operator.ts';
import { startReconciler } from '../actors/reconciler.ts';
import { startReplayer } from '../actors/replayer.ts';
import type { Stage } from '../actors/stage.ts';
import { type LandedFile, landingOf } from '../actors/uploader.ts';
import { type MakeMutant, steeredMutants, steeringOf } from '../mutants/mutants.ts';
import { TraceCheck } from '../model/step.ts';
import { checkEnd, isDeadLetter, nameOf, publishedBundles } from '../rules/end.ts';
import type { Violation } from '../rules/violation.ts';
import { visibleFiles } from '../rules/on-disk.ts';
import { Watch } from '../rules/watch.ts';
import { type Hopeless, hopelessOf } from './hopeless.ts';
import { createCloud } from '../services/cloud.ts';
import { World } from '../services/world.ts';
import {
  BUCKETS,
  DELIVERED_WITHIN_MS,
  DRIFT_MS,
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
  /** Gets the events. Errors have stacks only with it. */
  trace?: (line: string) => void;
  /** Gets the actions of the protocol, in the order in which they take effect. */
  onAction?: OnAction;
}

export interface ScheduleResult {
  violation: Violation | undefined;
  /** Of the rules about files, bundles and disks. */
  ruleViolation: Violation | undefined;
  /** The first action that the model of the protocol does not allow. */
  modelViolation: Violation | undefined;
  steps: number;
  /** Faults and disturbances that happened or were suppressed. */
  faults: number;
  files: number;
}

/** A schedule with more steps counts as endless. */
const MAX_STEPS = 20_000;
/** The code as it is. */
const sound: MakeMutant = () => ({});
/** Probability that some calls never succeed. */
const HOPELESS = 0.2;
/** Probability that S3 never notifies of a landed file, so that the reconciler must find it. */
const NEVER_NOTIFIED = 0.05;

/**
 * Runs one schedule from its first upload until nothing happens any more, and checks the result. Everything depends on the
 * seed.
 */
export async function runSchedule(options: ScheduleOptions): Promise<ScheduleResult> {
  const { seed, makeMutant, spared = new Set(), trace, maxFiles = Infinity } = options;
  // Loads WebAssembly: from here on, everything happens in an order that the seed decides.
  await checksumOf('crc64nvme', new Uint8Array());
  await startChecksum('crc64nvme');
  const random = createRandom(seed);
  const watches: Watch[] = [];
  const model = new TraceCheck(DRIFT_MS);
  const world = new World({
    random,
    // From calm to stormy.
    faultiness: random.pick([0.01, 0.05, 0.1, 0.25]),
    lateness: LATENESS_MS,
    spared,
    trace,
    onAction(event) {
      options.onAction?.(event);
      model.onAction(event);
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
  const { stackTraceLimit } = Error;
  // Simulated faults create many errors. Only who reads the trace needs their stacks.
  if (!trace) Error.stackTraceLimit = 0;
  try {
    await run.storm();
    await run.deliverOthers();
    await run.drain();
    await run.losePower();
    await run.measure();
    violation = run.violation ?? (await checkEnd(run.end));
    violation ??= await run.checkQuiet();
    model.end();
  } catch (error) {
    violation = error instanceof BrokenRule ? error.violation : run.violation;
    violation ??= {
      rule: 'the code works',
      detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  } finally {
    world.end();
    Error.stackTraceLimit = stackTraceLimit;
  }
  return {
    // What breaks a rule has usually broken the protocol before, but the rule says what it means for the files.
    violation: violation ?? model.violation,
    ruleViolation: violation,
    modelViolation: model.violation,
    steps: run.steps,
    faults: world.faults,
    files: stage.landing.landed.length,
  };
}

/** Ends a schedule that has broken a rule. */
class BrokenRule extends Error {
  readonly violation: Violation;

  constructor(violation: Violation) {
    super(violation.rule);
    this.violation = violation;
  }
}

/** What happens from outside, and how often and how late at most. */
const DISTURBANCES = {
  again: { times: [0, 1, 3, 10, 20], withinMs: 120_000 },
  reconciler: { times: [0, 0, 1, 3], withinMs: 400_000 },
  replayer: { times: [0, 0, 1, 4], withinMs: 400_000 },
  operator: { times: [0, 0, 1, 3], withinMs: 400_000 },
  monitor: { times: [0, 0, 0, 1], withinMs: 400_000 },
  machine: { times: [0, 1, 3], withinMs: 200_000 },
} as const;
type Disturbance = keyof typeof DISTURBANCES;

class Run {
  steps = 0;
  readonly watch: Watch;
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #failure: () => unknown;
  readonly #functions: Functions;
  readonly #machines: Machine[];
  readonly #pace: number;
  readonly #hopeless: Hopeless | undefined;
  #processes = 0;
  readonly #unnotified = new Set<LandedFile>();
  #planned: { what: Disturbance; at: number }[] = [];

  constructor(stage: Stage, failure: () => unknown) {
    const { random, cloud, landing } = stage;
    this.#stage = stage;
    this.#random = random;
    this.#failure = failure;
    this.#functions = new Functions(stage);
    this.#pace = random.pick([0.01, 0.03, 0.1]);
    this.#machines = Array.from({ length: random.chance(0.3) ? 2 : 1 }, (_, n) => new Machine(stage, n + 1));
    this.watch = new Watch(cloud, this.#machines, landing.landed);
    this.#hopeless = random.chance(HOPELESS) ? hopelessOf(stage) : undefined;
  }

  get end() {
    const { cloud, landing, groupOf } = this.#stage;
    return { cloud, landed: landing.landed, machines: this.#machines, groupOf };
  }

  /** A rule that was broken on the way. */
  get violation(): Violation | undefined {
    return this.watch.violation ?? this.#functions.wastedReceive;
  }

  /** Everything at once: files arrive, messages are delivered twice, calls fail, processes die, commands run. */
  async storm(): Promise<void> {
    const { world, landing, running } = this.#stage;
    const random = this.#random;
    const { times: wanted } = this.#stage.makeMutant();
    for (const [what, { times, withinMs }] of Object.entries(DISTURBANCES)) {
      const drawn = random.pick<number>(times);
      const fixed: number | undefined = wanted?.[what as keyof typeof wanted];
      for (let left = fixed ?? drawn; left > 0; left--) {
        this.#planned.push({ what: what as Disturbance, at: world.now + random.below(withinMs) });
      }
    }
    if (this.#hopeless) {
      const { name, matches } = this.#hopeless;
      world.trace(`from now on, these calls fail: ${name}`);
      world.isHopeless = matches;
    }
    for (const machine of this.#machines) machine.start();
    while (landing.hasMore || this.#planned.length > 0 || running.size > 0) {
      const actions = [...this.#actions(), ...this.#disturbances()];
      if (landing.hasMore) actions.push(() => this.#land());
      await this.#step(actions, true);
    }
  }

  /** Faults have ended, but for those that never end: what they do not concern is delivered all the same. */
  async deliverOthers(): Promise<void> {
    const { world, landing } = this.#stage;
    world.quiet = true;
    const hopeless = this.#hopeless;
    if (!hopeless) return;
    const until = world.now + DELIVERED_WITHIN_MS;
    for (;;) {
      // Which files are concerned may show only now, when the first bundle is published.
      const waiting = landing.landed.find(
        (file) => !this.#unnotified.has(file) && !this.#isSettled(file) && !hopeless.affects(file),
      );
      if (!waiting) break;
      if (world.now > until) {
        const detail = `${waiting.objectId} waits although only ${hopeless.name} fail`;
        throw new BrokenRule({ rule: 'a fault that concerns some files does not delay the others', detail });
      }
      await this.#step(this.#actions(), false);
    }
    world.trace(`from now on, ${hopeless.name} succeed`);
    world.isHopeless = undefined;
  }

  /** Continues without faults until the queues are empty, the consumers have everything, and the reconciler has found the rest. */
  async drain(): Promise<void> {
    const { world } = this.#stage;
    const began = world.now;
    await this.#untilQuiet(DELIVERED_WITHIN_MS);
    // The reconciler is for files that S3 has not notified of. It must not hide that others were lost.
    const lost = this.#unsettled.find((file) => !this.#unnotified.has(file));
    if (lost) {
      const detail = `${nameOf(lost.content)} is neither in a bundle nor in the dead-letter queue`;
      throw new BrokenRule({ rule: 'no file is lost', detail });
    }
    while (this.#unsettled.length > 0 && world.now < began + RECONCILED_WITHIN_MS) {
      await world.advanceTo(world.now + RECONCILE_EVERY_MS);
      this.#startReconciler();
      await this.#untilQuiet(DELIVERED_WITHIN_MS);
    }
    await world.advanceTo(world.lastLateEffectAt);
    await this.#untilQuiet(DELIVERED_WITHIN_MS);
  }

  /** In the end all machines lose power: only what is on their disks counts. */
  async losePower(): Promise<void> {
    const { world } = this.#stage;
    for (const machine of this.#machines) {
      machine.losePower();
      machine.start();
    }
    await world.settle();
    const until = world.now + TIMEOUT_MS;
    while (world.now < until || world.hasReadyCall) await this.#step(this.#actions(), false);
  }

  /** The monitor must see that nothing waits. */
  async measure(): Promise<void> {
    const measured: Measured[] = [];
    startMonitor(this.#stage, this.#name('monitor'), (found) => measured.push(found));
    await this.#untilQuiet(TIMEOUT_MS);
    const [found] = measured;
    if (found?.waiting === 0 && found.unreadable === 0) return;
    const detail = `it has measured ${JSON.stringify(found)}`;
    throw new BrokenRule({ rule: 'the monitor sees that no bundle waits', detail });
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

  /** What happens now from outside. */
  #disturbances(): (() => void)[] {
    const { now } = this.#stage.world;
    return this.#planned
      .filter(({ at }) => at <= now)
      .map((planned) => () => {
        this.#planned = this.#planned.filter((one) => one !== planned);
        if (this.#stage.world.mayDisturb()) this.#disturb(planned.what);
      });
  }

  #disturb(what: Disturbance): void {
    const random = this.#random;
    switch (what) {
      case 'again':
        return this.#repeat();
      case 'reconciler':
        return this.#startReconciler();
      case 'replayer':
        return this.#startReplayer();
      case 'operator':
        return this.#startOperator();
      case 'monitor':
        return startMonitor(this.#stage, this.#name('monitor'), () => undefined);
      case 'machine': {
        const events = random.pick(this.#machines).disturbances();
        if (events.length > 0) random.pick(events)();
      }
    }
  }

  /** SQS delivers a message again, or S3 notifies again. */
  #repeat(): void {
    const { world, landing } = this.#stage;
    const random = this.#random;
    const hidden = this.#functions.queues
      .flatMap(({ messages }) => [...messages.values()])
      .filter(({ visibleAt }) => visibleAt > world.now);
    if (hidden.length > 0 && random.chance(0.5)) {
      const message = random.pick(hidden);
      message.visibleAt = world.now;
      message.receiver = undefined;
      world.trace(`SQS delivers ${message.id} again`);
    } else if (landing.landed.length > 0) {
      // One message may hold the records of several files.
      this.#notify(random.chance(0.5) ? [random.pick(landing.landed)] : landing.landed);
    }
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
    if (bundles.length === 0) return;
    const chosen = [...new Set([this.#random.pick(bundles), this.#random.pick(bundles)])];
    startReplayer(this.#stage, this.#name('replayer'), this.#random.pick(['r1', 'r1', 'r2']), chosen);
  }

  #startOperator(): void {
    const { world, cloud } = this.#stage;
    if (this.#random.chance(0.5)) {
      world.trace('the operator corrects the permissions');
      cloud.denied.clear();
    }
    startOperator(this.#stage, this.#name('operator'), this.#random.pick(['redrive', 'redrive', 'drop']));
  }

  /** Steps until no message, bundle or process is left, other than the idle consumers. */
  async #untilQuiet(withinMs: number): Promise<void> {
    const { world, running, cloud } = this.#stage;
    const hasReaders = this.#machines.some(({ hasQueue }) => hasQueue);
    const left = () =>
      Object.entries({
        processes: running.size > 0,
        messages: this.#functions.isWaiting,
        notifications: cloud.inTransit > 0 || (hasReaders && cloud.ready.messages.size > 0),
        bundles: this.#hasBundles(),
      }).filter(([, isLeft]) => isLeft);
    const until = world.now + withinMs;
    while (left().length > 0) {
      if (world.now > until) {
        const what = left()
          .map(([name]) => name)
          .join(' and ');
        const detail = `${what} are left after ${withinMs / 60_000} minutes`;
        throw new BrokenRule({ rule: 'once faults end, everything is delivered in time', detail });
      }
      await this.#step(this.#actions(), false);
    }
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

  /** Whether a file is on a disk, or has a dead letter. */
  #isSettled(file: LandedFile): boolean {
    const isOnDisk = this.#machines.some((machine) =>
      visibleFiles(machine).some(([, content]) => content === file.content),
    );
    return isOnDisk || isDeadLetter(file, this.#stage.cloud);
  }

  #isDelivered({ content }: LandedFile): boolean {
    return publishedBundles(this.#stage.cloud).some((bundle) => bundle.content.includes(content));
  }

  async #step(actions: (() => void | Promise<void>)[], mayWait: boolean): Promise<void> {
    if (++this.steps > MAX_STEPS) throw new Error(`the schedule has not ended after ${MAX_STEPS} steps`);
    const failure = this.#failure();
    if (failure) throw failure;
    if (this.violation) throw new BrokenRule(this.violation);
    const isIdle = actions.length === 0;
    if (isIdle || (mayWait && this.#random.chance(this.#pace))) await this.#pass(isIdle);
    else await this.#random.pick(actions)();
    await this.#stage.world.settle();
  }

  /** Advances time to the next timer, or by a random amount. */
  async #pass(isIdle: boolean): Promise<void> {
    const { world, cloud } = this.#stage;
    const queues = [...this.#functions.queues, cloud.ready];
    const moments = [
      world.nextMoment,
      ...queues.map(({ nextVisible }) => nextVisible),
      ...this.#planned.map(({ at }) => at),
    ];
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
    if (isListed && this.#random.chance(NEVER_NOTIFIED) && world.mayDisturb()) {
      world.trace(`S3 does not notify of ${file.key}`);
      this.#unnotified.add(file);
    } else this.#notify([file]);
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
