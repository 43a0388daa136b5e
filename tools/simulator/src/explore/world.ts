import { recordOf } from '@data-aggregator/bundling/testing';
import { type GroupOf, parseGroupBy } from '@data-aggregator/shared-processing/groups';
import { claimId, objectIdOf } from '@data-aggregator/shared-processing/ledger';
import { MANIFEST_PREFIX } from '@data-aggregator/shared-processing/manifest';
import type { MakeMutant } from '../mutants.ts';
import { BUCKETS, COMPLETION_LATENESS_MS, GROUP_BY, LATENESS_MS, TIMEOUT_MS } from '../settings.ts';
import { Automaton, type Node } from './automaton.ts';
import { BUNDLES, describe, type ExecutionContext, LOCAL_START, type Role } from './execution.ts';
import { Interner } from './interner.ts';
import {
  LOST,
  type Operation,
  type QueuedMessage,
  type Reply,
  Services,
  type StoredItem,
  THROTTLED,
} from './operations.ts';
import { checkBundles, checkEnd, type Violation } from './rules.ts';
import { Layout, State } from './state.ts';

/** What a small world consists of. */
export interface SmallWorld {
  name: string;
  objects: readonly { key: string; bytes: number; isGone?: boolean }[];
  /** The objects that each message is about, by position. */
  messages: readonly (readonly number[])[];
  /** Whether a builder may receive any messages together, or always gets all of them. */
  batches: 'any' | 'all';
  builders: number;
  builderOfLargeObjects?: boolean;
  reconciler?: boolean;
  isGrouped?: boolean;
}

/** An object version that has landed in a small world. */
export interface SmallFile {
  content: string;
  key: string;
  objectId: string;
  claimId: string;
  isGood: boolean;
  body: string;
}

/** ms between two moments that matter: the timeout is two steps, a claim three. */
export const STEP_MS = 30_000;
const MAX_ROUNDS = 8;
const CELLS = 96;

const TIMEOUT_STEPS = TIMEOUT_MS / STEP_MS;

/** What an actor waits for; or an answer that it has not received yet, although time may have passed since the call took effect. */
interface Waiting {
  node: number;
  /** Steps since it started. */
  age: number;
  late?: { call: number; reply: number; isLate: boolean };
}

/** A call that was lost and may still take effect within so many ms. */
type LateCall = readonly [operation: number, msLeft: number];

/** The moment that stands for all in the past, in an item of the ledger. */
const EXPIRED = -1;

/** An actor that has not started, and one that ended or died. */
const NOT_STARTED = 0;
const OVER = 1;

/** A possible next state. `faults` is what it costs. */
export type Visit = (next: State, faults: number, tell: () => string) => void;

/**
 * One small world: its states, and what can happen in each. Actors are the real code, as automata; the services are functions
 * of the state; time passes in steps.
 */
export class World {
  readonly files: SmallFile[] = [];
  readonly services: Services;
  readonly automaton: Automaton;
  readonly initial: State;
  readonly #layout = new Layout(CELLS);
  readonly #world: SmallWorld;
  readonly groupOf: GroupOf | undefined;
  readonly #waiting = new Interner<Waiting>();
  readonly #late = new Interner<readonly LateCall[]>();
  readonly #actors: { kind: Role['kind']; number: number; cell: number }[] = [];
  readonly #messages: QueuedMessage[] = [];
  readonly #pool = this.#layout.cell('late calls');
  readonly #lost: number;
  readonly #throttled: number;
  readonly #outage: number;
  #bundleCells: { key: string; cell: number }[] = [];
  #cellsSeen = 0;
  /** Endings that were checked. */
  ends = 0;

  constructor(world: SmallWorld, makeMutant: MakeMutant = () => ({}), completesAfterAbort = false) {
    this.#world = world;
    this.groupOf = world.isGrouped ? parseGroupBy(GROUP_BY) : undefined;
    this.services = new Services(this.#layout, { completesAfterAbort });
    const context: ExecutionContext = { services: this.services, makeMutant, groupOf: this.groupOf };
    this.automaton = new Automaton(context, STEP_MS);
    this.#lost = this.automaton.replies.idOf(LOST);
    this.#throttled = this.automaton.replies.idOf(THROTTLED);
    this.#outage = this.automaton.replies.idOf({ kind: 'outage' });
    this.initial = this.#layout.emptyState();
    this.#land();
    const add = (kind: Role['kind']) => {
      const number = this.#actors.length + 1;
      this.#actors.push({ kind, number, cell: this.#layout.cell(`actor ${number}`) });
    };
    for (let builder = 0; builder < world.builders; builder++) add('aggregator');
    if (world.builderOfLargeObjects) add('large objects');
    if (world.reconciler) add('reconciler');
  }

  #land(): void {
    for (const [index, { key, bytes, isGone = false }] of this.#world.objects.entries()) {
      const content = `${key} ${index} `.padEnd(bytes, '.');
      const id = this.services.contents.idOf(Buffer.from(content));
      const versionId = `v${index + 1}`;
      this.services.landed.push({ key, versionId, content: id, isGone });
      const objectId = objectIdOf({ bucket: BUCKETS.landing, key, version: { kind: 'id', versionId } });
      const { etag } = this.services.contents.get(id);
      const version = { versionId, etag, content: Buffer.from(content), metadata: {}, lastModified: LOCAL_START };
      const body = JSON.stringify({ Records: [recordOf(key, version)] });
      this.files.push({ content, key, objectId, claimId: claimId(objectId), isGood: !isGone, body });
    }
    for (const objects of this.#world.messages) {
      const records = objects.flatMap((object) => JSON.parse(this.files[object]?.body ?? '').Records as unknown[]);
      this.services.send('queue', JSON.stringify({ Records: records }), this.initial);
    }
    this.#messages.push(...this.services.messagesIn('queue', this.initial));
  }

  /**
   * Calls `visit` for everything that can happen next. What concerns nobody else happens first, and alone.
   *
   * @throws Error if the code makes a mistake
   */
  async expand(state: State, visit: Visit): Promise<void> {
    for (const actor of this.#actors) {
      const waiting = this.#waitingOf(state, actor.cell);
      const call = waiting && !waiting.late && this.#privateCallOf(actor, waiting, state);
      if (call) return this.#expandCall(state, actor, waiting, call, visit);
    }
    for (const actor of this.#actors) {
      const waiting = this.#waitingOf(state, actor.cell);
      if (!waiting) continue;
      this.#expandDeath(state, actor, waiting, visit);
      if (waiting.late) await this.#expandLateAnswer(state, actor, waiting, visit);
      else {
        for (const call of this.automaton.node(waiting.node).calls)
          await this.#expandCall(state, actor, waiting, call, visit);
      }
    }
    await this.#expandStarts(state, visit);
    this.#expandLateCalls(state, visit);
    this.#expandConsumer(state, visit);
    this.#expandTime(state, visit);
  }

  /** Whether nobody is at work, so that the end can be checked from here. */
  isQuiet(state: State): boolean {
    return this.#actors.every(({ cell }) => state.get(cell) <= OVER);
  }

  /** Lets time pass, works off the queues without faults, and checks the rules. */
  async checkEnd(from: State): Promise<Violation | undefined> {
    this.ends++;
    const state = from.copy();
    state.set(this.#pool, 0);
    this.#passClaims(state, Infinity);
    let hasReconciled = !this.#world.reconciler;
    for (let round = 1; ; round++) {
      const queue = (['queue', 'large objects'] as const).find(
        (name) => this.services.messagesIn(name, state).length > 0,
      );
      if (!queue && hasReconciled) break;
      if (round > MAX_ROUNDS) return { rule: 'everything ends', detail: `there are messages after ${MAX_ROUNDS} rounds` };
      const messages = queue ? this.services.messagesIn(queue, state) : [];
      const kind = queue === undefined ? 'reconciler' : queue === 'queue' ? 'aggregator' : queue;
      hasReconciled ||= kind === 'reconciler';
      const name = `${kind} at the end`;
      let node = await this.automaton.root({ kind, name, number: 50 + round, messages });
      while (!node.end) {
        const [call] = node.calls;
        if (call === undefined) throw new Error(`${name} waits for nothing`);
        const reply = this.#replyTo(state, call, 0);
        node = await this.automaton.next(node, call, reply, 0);
      }
      if (node.end.kind === 'mistake') return { rule: 'the code works', detail: node.end.detail };
    }
    return checkEnd(this, state);
  }

  /** The rules that hold at every moment. */
  check(state: State): Violation | undefined {
    return checkBundles(this, state);
  }

  /** Every bundle that is or was in the distribution bucket: the contents of its versions. */
  bundles(state: State): { key: string; versions: readonly number[] }[] {
    return this.#bundlesOf(state).map(({ key }) => ({
      key,
      versions: this.services.versionsOf(BUCKETS.distribution, key, state).filter((content) => content !== 0),
    }));
  }

  #bundlesOf(state: State): { key: string; cell: number }[] {
    const prefix = `${BUCKETS.distribution}/`;
    const all = [...this.#layout.names()];
    if (all.length > this.#cellsSeen) {
      this.#cellsSeen = all.length;
      this.#bundleCells = all
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, cell]) => ({ key: name.slice(prefix.length), cell }));
    }
    return this.#bundleCells.filter(({ cell }) => state.get(cell) !== 0);
  }

  #waitingOf(state: State, cell: number): Waiting | undefined {
    const value = state.get(cell);
    return value <= OVER ? undefined : this.#waiting.valueOf(value - OVER);
  }

  /**
   * A waiting call that nothing else depends on, now or later, so that its place among the calls of others does not matter:
   *
   * - of what no other actor sees: landing, which never changes; parts; the manifest of a bundle that is not published;
   * - a question about a bundle that can no longer change, because its builder is over and nothing of it is on its way.
   */
  #privateCallOf(actor: Actor, { node }: Waiting, state: State): number | undefined {
    return this.automaton.node(node).calls.find((call) => {
      const operation = this.automaton.operations.valueOf(call);
      switch (operation.kind) {
        case 'CREATE UPLOAD':
        case 'PUT PART':
        case 'acknowledge':
          return true;
        case 'GET':
          return operation.bucket === BUCKETS.landing || this.#isFinal(operation, state);
        case 'GetItem':
          return operation.id.startsWith('bundle#') && this.#isFinal(operation, state);
        case 'HEAD':
          return (
            this.#isFinal(operation, state) && !this.services.versionsOf(operation.bucket, operation.key, state).at(-1)
          );
        case 'PUT': {
          if (operation.bucket !== BUCKETS.archive || ownerOf(operation.key) !== actor.number) return false;
          const bundle = operation.key.slice(MANIFEST_PREFIX.length, -'.json'.length);
          const { distribution } = BUCKETS;
          const places = [`${distribution}/${bundle}`, placeOf(operation)];
          return (
            this.services.versionsOf(distribution, bundle, state).length === 0 &&
            !this.#poolOf(state).some(([late]) => places.includes(placeOf(this.automaton.operations.valueOf(late))))
          );
        }
        default:
          return false;
      }
    });
  }

  /** Whether what a call asks about can no longer change. */
  #isFinal(question: Operation, state: State): boolean {
    const place = placeOf(question);
    const owner = this.#actors.find(({ number }) => number === ownerOf(place));
    if (!owner || state.get(owner.cell) !== OVER) return false;
    return !this.#poolOf(state).some(([late]) => placeOf(this.automaton.operations.valueOf(late)) === place);
  }

  /** Whether a waiting call, or one on its way, concerns a place. */
  #isAwaited(place: string, state: State, besides?: number): boolean {
    for (const { cell } of this.#actors) {
      const waiting = this.#waitingOf(state, cell);
      if (!waiting || waiting.late) continue;
      const { calls } = this.automaton.node(waiting.node);
      if (calls.some((call) => placeOf(this.automaton.operations.valueOf(call)) === place)) return true;
    }
    return this.#poolOf(state).some(
      ([late], index) => index !== besides && placeOf(this.automaton.operations.valueOf(late)) === place,
    );
  }

  async #expandCall(state: State, actor: Actor, waiting: Waiting, call: number, visit: Visit): Promise<void> {
    const operation = this.automaton.operations.valueOf(call);
    const tell = (outcome: string) => () => `${actor.kind} ${actor.number}  ${describe(operation)}${outcome}`;
    const answered = async (next: State, reply: number, faults: number, outcome: string) => {
      await this.#answer(next, actor, waiting, call, reply);
      visit(next, faults, tell(outcome));
    };

    const well = state.copy();
    const reply = this.#replyTo(well, call, waiting.age);
    const { kind } = this.automaton.replies.valueOf(reply);
    if (mayAnswerLate(operation) && this.#stepsToChange(state) !== undefined) {
      const next = well.copy();
      const late = { call, reply, isLate: false };
      next.set(actor.cell, OVER + this.#waiting.idOf({ ...waiting, late }));
      visit(next, 1, tell(': takes effect, and is answered late'));
    }
    await answered(well, reply, 0, kind === 'done' ? '' : `: ${kind}`);

    const faults = faultsOf(operation);
    if (faults.isLost) await answered(this.#withLate(state, waiting, [call]), this.#lost, 1, ': lost');
    if (faults.isOut) {
      const next = faults.writes ? this.#withLate(state, waiting, [call]) : state.copy();
      await answered(next, this.#outage, 1, ': lost, like all its retries');
    }
    if (faults.isThrottled) await answered(state.copy(), this.#throttled, 1, ': throttled');
    if (faults.breaksOff) {
      const content = this.automaton.replies.valueOf(reply);
      if (content.kind === 'content') {
        const broken = this.automaton.replies.idOf({ ...content, breaksOff: true });
        await answered(state.copy(), broken, 1, ': breaks off');
      }
    }
  }

  /** Delivers an answer to an actor. */
  async #answer(state: State, actor: Actor, { node, age }: Waiting, call: number, reply: number): Promise<void> {
    const at = this.automaton.node(node);
    const next = this.automaton.known(at, call, reply, age) ?? (await this.automaton.next(at, call, reply, age));
    this.#place(state, actor.cell, next, age);
  }

  #place(state: State, cell: number, { id, end }: Node, age: number): void {
    if (end?.kind === 'mistake') throw new Error(end.detail);
    state.set(cell, end ? OVER : OVER + this.#waiting.idOf({ node: id, age }));
  }

  /** The response to a call that takes effect now. */
  #replyTo(state: State, call: number, age: number): number {
    const operation = inWorldTime(this.automaton.operations.valueOf(call), age);
    return this.automaton.replies.idOf(inActorTime(this.services.apply(operation, state), age));
  }

  /** The actor dies. What it has sent may still take effect. */
  #expandDeath(state: State, actor: Actor, waiting: Waiting, visit: Visit): void {
    const calls = waiting.late ? [] : this.automaton.node(waiting.node).calls;
    const sent = calls.filter((call) => faultsOf(this.automaton.operations.valueOf(call)).writes);
    const next = this.#withLate(state, waiting, sent);
    next.set(actor.cell, OVER);
    visit(next, 1, () => {
      const what = calls.map((call) => describe(this.automaton.operations.valueOf(call))).join(', ');
      return `${actor.kind} ${actor.number}  dies; it waited for ${what || 'an answer'}`;
    });
  }

  async #expandLateAnswer(state: State, actor: Actor, waiting: Waiting, visit: Visit): Promise<void> {
    const { late } = waiting;
    if (!late?.isLate) return;
    const next = state.copy();
    await this.#answer(next, actor, waiting, late.call, late.reply);
    const operation = this.automaton.operations.valueOf(late.call);
    visit(next, 0, () => `${actor.kind} ${actor.number}  gets the late answer to ${describe(operation)}`);
  }

  /** The state after calls were lost on their way. */
  #withLate(state: State, { age }: Waiting, calls: readonly number[]): State {
    const next = state.copy();
    if (calls.length === 0) return next;
    const late = calls.map((call): LateCall => {
      const operation = inWorldTime(this.automaton.operations.valueOf(call), age);
      const lateness = operation.kind === 'COMPLETE' ? COMPLETION_LATENESS_MS : LATENESS_MS;
      return [this.automaton.operations.idOf(operation), TIMEOUT_MS - age * STEP_MS + lateness];
    });
    this.#setPool(next, [...this.#poolOf(state), ...late]);
    return next;
  }

  #poolOf(state: State): readonly LateCall[] {
    const pool = state.get(this.#pool);
    return pool === 0 ? [] : this.#late.valueOf(pool);
  }

  #setPool(state: State, pool: readonly LateCall[]): void {
    const sorted = pool.toSorted(([a, b], [c, d]) => a - c || b - d);
    state.set(this.#pool, sorted.length === 0 ? 0 : this.#late.idOf(sorted));
  }

  /**
   * A late call takes effect just before anything that depends on it: a call about the same place, the moment from which it can no longer
   * take effect, or the end.
   */
  #expandLateCalls(state: State, visit: Visit): void {
    const pool = this.#poolOf(state);
    if (pool.length === 0) return;
    const isQuiet = this.isQuiet(state);
    const msToChange = (this.#stepsToChange(state) ?? 0) * STEP_MS;
    for (const [index, [call, msLeft]] of pool.entries()) {
      if (pool[index + 1]?.[0] === call) continue;
      const operation = this.automaton.operations.valueOf(call);
      const isDue = isQuiet || operation.kind === 'SendMessage' || msLeft <= msToChange;
      if (!isDue && !this.#isAwaited(placeOf(operation), state, index)) continue;
      const next = state.copy();
      this.services.apply(operation, next);
      this.#setPool(next, pool.toSpliced(index, 1));
      visit(next, 0, () => `           ${describe(operation)} takes effect, late`);
    }
  }

  /** Builders start in the order of their numbers, because they differ in nothing else. */
  async #expandStarts(state: State, visit: Visit): Promise<void> {
    for (const kind of ['aggregator', 'large objects', 'reconciler'] as const) {
      const actor = this.#actors.find((it) => it.kind === kind && state.get(it.cell) === NOT_STARTED);
      if (!actor) continue;
      for (const messages of this.#batchesOf(kind, state)) {
        const name = `${kind} ${actor.number}`;
        const node = await this.automaton.root({ kind, name, number: actor.number, messages });
        const next = state.copy();
        this.#place(next, actor.cell, node, 0);
        visit(next, 0, () => `${name}  receives ${messages.map(({ id }) => id).join(', ')}`);
      }
    }
  }

  /** The batches that an actor may receive. S3 and SQS may repeat a message, so a message that was deleted can come again. */
  #batchesOf(kind: Role['kind'], state: State): readonly (readonly QueuedMessage[])[] {
    if (kind === 'reconciler') return [[]];
    if (kind === 'large objects') return this.services.messagesIn(kind, state).map((message) => [message]);
    const sent = this.services.messagesIn('queue', state);
    const known = new Set(this.#messages.map(({ id }) => id));
    const all = [...this.#messages, ...sent.filter(({ id }) => !known.has(id))];
    return this.#world.batches === 'all' ? [all] : subsetsOf(all);
  }

  /** The consumer takes a bundle: downloads and deletes it, just before a call that would see the difference. */
  #expandConsumer(state: State, visit: Visit): void {
    for (const { key } of this.#bundlesOf(state)) {
      if (!this.services.versionsOf(BUCKETS.distribution, key, state).at(-1)) continue;
      if (!this.#isAwaited(`${BUCKETS.distribution}/${key}`, state)) continue;
      const next = state.copy();
      this.services.addVersion(BUCKETS.distribution, key, 0, next);
      visit(next, 0, () => `consumer   takes ${key}`);
    }
  }

  /** Steps until something changes by itself: a claim expires, or will in the next step, or a call can no longer take effect. */
  #stepsToChange(state: State): number | undefined {
    let steps = Infinity;
    for (const { claimId } of this.files) {
      const until = Number(this.services.itemOf(claimId, state)?.['until'] ?? 0);
      if (until > 0) steps = Math.min(steps, Math.max(1, until / STEP_MS - 1));
    }
    for (const [call, msLeft] of this.#poolOf(state)) {
      steps = Math.min(steps, Math.ceil(msLeft / STEP_MS));
      const operation = this.automaton.operations.valueOf(call);
      const until = operation.kind === 'PutItem' ? Number(operation.item['until'] ?? 0) : 0;
      if (until > 0) steps = Math.min(steps, Math.max(1, until / STEP_MS - 1));
    }
    return steps === Infinity ? undefined : steps;
  }

  /** Time passes, unless an invocation would have to be killed, which `#expandDeath` does before. */
  #expandTime(state: State, visit: Visit): void {
    const steps = this.#stepsToChange(state);
    if (steps === undefined) return;
    const next = state.copy();
    for (const { cell, kind } of this.#actors) {
      const waiting = this.#waitingOf(state, cell);
      if (!waiting) continue;
      const { node, late } = waiting;
      // The reconciler has so much time that it does not count.
      const age = kind === 'reconciler' ? waiting.age : waiting.age + steps;
      if (age >= TIMEOUT_STEPS) return;
      const aged = { node, age, ...(late && { late: { ...late, isLate: true } }) };
      next.set(cell, OVER + this.#waiting.idOf(aged));
    }
    this.#passClaims(next, steps * STEP_MS);
    const pool = this.#poolOf(state).map(([call, msLeft]): LateCall => {
      const operation = aged(this.automaton.operations.valueOf(call), steps * STEP_MS);
      return [this.automaton.operations.idOf(operation), msLeft - steps * STEP_MS];
    });
    this.#setPool(
      next,
      pool.filter(([, msLeft]) => msLeft > 0),
    );
    visit(next, 0, () => `           ${(steps * STEP_MS) / 1000} s pass`);
  }

  #passClaims(state: State, ms: number): void {
    for (const { claimId } of this.files) {
      const item = this.services.itemOf(claimId, state);
      if (item) this.services.setItem(aged(item, ms), state);
    }
  }
}

type Actor = { kind: Role['kind']; number: number; cell: number };

/** Where a call reads or writes. All calls about one bundle's object or upload are about one place. */
function placeOf(operation: Operation): string {
  switch (operation.kind) {
    case 'GET':
    case 'PUT':
    case 'HEAD':
      return `${operation.bucket}/${operation.key}`;
    case 'CREATE UPLOAD':
    case 'PUT PART':
    case 'COMPLETE':
    case 'ABORT':
      return `${BUCKETS.distribution}/${operation.key}`;
    case 'GetItem':
    case 'DeleteItem':
      return operation.id;
    case 'PutItem':
      return operation.item.id;
    case 'SendMessage':
    case 'acknowledge':
      return operation.queue;
    case 'ChangeMessageVisibility':
      return operation.kind;
  }
}

/** The number of the actor that builds the bundle that a key or id names; undefined if the name does not show it. */
function ownerOf(name: string): number | undefined {
  const random = /-([0-9a-f]{16})\./.exec(name)?.[1];
  return random === undefined ? undefined : Math.floor(parseInt(random, 16) / BUNDLES);
}

/** What can go wrong with a call, apart from the death of its sender. */
function faultsOf(operation: Operation) {
  const none = { writes: false, isLost: false, isOut: false, isThrottled: false, breaksOff: false };
  switch (operation.kind) {
    case 'GET':
      return { ...none, isOut: true, breaksOff: operation.bucket === BUCKETS.landing && operation.from === 0 };
    case 'HEAD':
    case 'GetItem':
    case 'CREATE UPLOAD':
    case 'PUT PART':
      return { ...none, isOut: true };
    case 'PUT':
      return operation.bucket === BUCKETS.distribution
        ? { ...none, writes: true, isLost: true, isThrottled: true }
        : { ...none, writes: true, isLost: true, isOut: true };
    case 'COMPLETE':
      return { ...none, writes: true, isLost: true, isThrottled: true };
    case 'ABORT':
      return { ...none, writes: true, isOut: true };
    case 'PutItem':
    case 'DeleteItem':
    case 'SendMessage':
      return { ...none, writes: true, isLost: true, isOut: true };
    case 'ChangeMessageVisibility':
    case 'acknowledge':
      return none;
  }
}

/** Calls after whose answer the code looks at the clock, or which may tell it something that no longer holds. */
function mayAnswerLate(operation: Operation): boolean {
  switch (operation.kind) {
    case 'GetItem':
    case 'HEAD':
      return true;
    case 'GET':
      return operation.bucket !== BUCKETS.landing;
    case 'PutItem':
      return operation.condition !== undefined;
    default:
      return false;
  }
}

function subsetsOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 2 ** items.length - 1 }, (_, mask) =>
    items.filter((_, index) => ((mask + 1) >> index) & 1),
  );
}

/*
 * An item's `until` is, in the world, the ms until then, or EXPIRED; and for an actor a moment of its own time. A released claim has 0 in both.
 */

/** A call as the world sees it. */
function inWorldTime(operation: Operation, age: number): Operation {
  if (operation.kind !== 'PutItem') return operation;
  const { until } = operation.item;
  if (typeof until !== 'number' || until === 0) return operation;
  const left = until - LOCAL_START - age * STEP_MS;
  return { ...operation, item: { ...operation.item, until: left > 0 ? left : EXPIRED } };
}

/** A response as the actor sees it. */
function inActorTime(reply: Reply, age: number): Reply {
  const localized = (item: StoredItem): StoredItem => {
    const { until } = item;
    if (typeof until !== 'number' || until === 0) return item;
    return { ...item, until: until === EXPIRED ? LOCAL_START - 1 : LOCAL_START + age * STEP_MS + until };
  };
  if (reply.kind === 'item' && reply.item) return { ...reply, item: localized(reply.item) };
  if (reply.kind === 'refused' && reply.existing) return { ...reply, existing: localized(reply.existing) };
  return reply;
}

/** An item, or the call that writes it, some ms later. */
function aged<T extends StoredItem | Operation>(it: T, ms: number): T {
  if ('kind' in it && it.kind === 'PutItem' && 'item' in it) return { ...it, item: aged(it.item as StoredItem, ms) };
  const { until } = it as { until?: unknown };
  return typeof until === 'number' && until > 0 ? { ...it, until: until > ms ? until - ms : EXPIRED } : it;
}
