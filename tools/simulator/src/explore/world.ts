import { recordOf } from '@data-aggregator/bundling/testing';
import { type GroupOf, parseGroupBy } from '@data-aggregator/shared-processing/groups';
import { claimId, objectIdOf } from '@data-aggregator/shared-processing/ledger';
import { MANIFEST_PREFIX } from '@data-aggregator/shared-processing/manifest';
import { memoryListing, type MemoryStore, memoryStore } from '@data-aggregator/shared-processing/testing';
import type { MakeMutant } from '../mutants/mutants.ts';
import { BUCKETS, GROUP_BY, TIMEOUT_MS } from '../settings.ts';
import { Automaton, type Node } from './automaton.ts';
import {
  agedCall,
  agedItem,
  builderIn,
  type CallFaults,
  faultsOf,
  inActorTime,
  inWorldTime,
  latenessOf,
  mayAnswerLate,
  placeOf,
  renamed,
} from './calls.ts';
import { describe, type ExecutionContext, LANDED, LOCAL_START, type Role } from './execution.ts';
import { Interner } from './interner.ts';
import { LOST, type Operation, type QueuedMessage, type Reply, Services, THROTTLED } from './services.ts';
import { checkBundles, checkEnd, type Violation } from './rules.ts';
import { Layout, type State } from './state.ts';
import { type Renaming, Symmetry } from './symmetry.ts';
import { MAX_VIEWS, STEP_MS, TIMEOUT_STEPS, type Waiting, WaitingTable } from './waiting.ts';
import type { SmallWorld } from './worlds.ts';

/** An object version that has landed in a small world. */
export interface SmallFile {
  content: string;
  key: string;
  objectId: string;
  claimId: string;
  isGood: boolean;
  body: string;
}

/** Rounds in which the queues are worked off at the end. */
const MAX_ROUNDS = 8;
/** More than bundles, claims and queues need; an upload in parts needs more. */
const CELLS = 64;
const CELLS_WITH_UPLOADS = 128;

/** An actor that has not started, and one that ended or died. */
const NOT_STARTED = 0;
const OVER = 1;

/** A call that was lost and may still take effect within so many ms. */
type LateCall = readonly [operation: number, msLeft: number];

/** A call with the world's times and numbers. */
interface WorldCall {
  id: number;
  operation: Operation;
  place: string;
  /** Where it reads and writes, if that is one cell. */
  cell: number | undefined;
  /** The builder of the bundle that it is about. */
  builder: number | undefined;
  faults: CallFaults;
}

interface Actor {
  kind: Role['kind'];
  number: number;
  cell: number;
  /** It knows only itself when it starts. */
  view: number;
}

/** A response in an actor's times and numbers, and the builders that it knows then. */
interface LocalReply {
  reply: number;
  view: number;
}

interface Start {
  node: Node;
  messages: readonly QueuedMessage[];
}

/** A possible next state. */
export type Visit = (next: State, tell: () => string) => void;

/** What to visit: what happens without another fault, or what one fault leads to. */
export type Step = 'sound' | 'faulty';

/**
 * One small world: its states, and what can happen in each. Actors are the real code, as automata; the services are functions
 * of the state; time passes in steps.
 */
export class World {
  readonly files: SmallFile[] = [];
  readonly services: Services;
  readonly automaton: Automaton;
  readonly initial: State;
  readonly groupOf: GroupOf | undefined;
  /** Endings that were checked. */
  ends = 0;
  readonly #layout: Layout;
  readonly #world: SmallWorld;
  readonly #symmetry: Symmetry;
  readonly #waiting = new WaitingTable();
  /** The numbers of builders that actors know, in the order in which they learned of them; the first is their own. */
  readonly #views = new Interner<readonly number[]>();
  readonly #pools = new Interner<readonly LateCall[]>();
  readonly #actors: Actor[] = [];
  readonly #messages: QueuedMessage[] = [];
  readonly #pool: number;
  readonly #replies: Record<'lost' | 'throttled' | 'outage', number>;
  readonly #operations = new Interner<Operation>();
  readonly #worldReplies = new Interner<Reply>();
  readonly #calls: WorldCall[] = [];
  readonly #callsInWorld = new Map<number, WorldCall>();
  readonly #effects = new Map<number, { reply: number; value: number }>();
  readonly #localReplies = new Map<number, LocalReply>();
  readonly #starts = new Map<string, Start[]>();
  readonly #agedPools = new Map<string, number>();
  /** The cells of claims. */
  readonly #claims: number[] = [];
  readonly #checked = new Map<string, Violation | undefined>();
  #bundleCells: { key: string; cell: number; manifest: number }[] = [];
  #namesSeen = 0;

  constructor(world: SmallWorld, makeMutant: MakeMutant = () => ({}), completesAfterAbort = false) {
    this.#world = world;
    this.#layout = new Layout(world.buildersOfLargeObjects ? CELLS_WITH_UPLOADS : CELLS);
    this.#pool = this.#layout.cell('late calls');
    this.groupOf = world.isGrouped ? parseGroupBy(GROUP_BY) : undefined;
    const landing = memoryStore(() => LANDED);
    this.services = new Services(this.#layout, memoryListing(landing), { completesAfterAbort });
    const { concurrentClaims = 1 } = world;
    const context: ExecutionContext = {
      services: this.services,
      makeMutant,
      groupOf: this.groupOf,
      concurrentClaims,
    };
    this.automaton = new Automaton(context, STEP_MS);
    this.#replies = {
      lost: this.automaton.replies.idOf(LOST),
      throttled: this.automaton.replies.idOf(THROTTLED),
      outage: this.automaton.replies.idOf({ kind: 'outage' }),
    };
    this.initial = this.#layout.emptyState();
    this.#land(landing);
    const add = (kind: Role['kind'], count: number) => {
      for (let i = 0; i < count; i++) {
        const number = this.#actors.length + 1;
        const view = this.#views.idOf([number]);
        this.#actors.push({ kind, number, view, cell: this.#layout.cell(`actor ${number}`) });
      }
    };
    add('aggregator', world.builders);
    add('large objects', world.buildersOfLargeObjects ?? 0);
    add('reconciler', world.reconciler ? 1 : 0);
    this.#symmetry = new Symmetry({
      layout: this.#layout,
      services: this.services,
      actors: this.#actors.slice(0, world.builders).map(({ cell }) => cell),
      pool: this.#pool,
      likenessOfActor: (value) => this.#likenessOfActor(value),
      renameActor: (value, renaming) => this.#renameActor(value, renaming),
      ownersInPool: (value) => this.#ownersInPool(value),
      renamePool: (value, renaming) => this.#renamePool(value, renaming),
    });
  }

  /** The state that stands for all that differ only in the numbers of builders; undefined if it is this one. */
  representative(state: State) {
    return this.#symmetry.representative(state);
  }

  #land(landing: MemoryStore): void {
    for (const [index, { key, bytes, isGone = false }] of this.#world.objects.entries()) {
      const content = `${key} ${index} `.padEnd(bytes, '.');
      const version = landing.upload(BUCKETS.landing, key, Buffer.from(content));
      const { versionId } = version;
      if (isGone) landing.remove(BUCKETS.landing, key, versionId);
      const id = this.services.contents.idOf(Buffer.from(content));
      this.services.landed.push({ key, versionId, content: id, isGone });
      const objectId = objectIdOf({ bucket: BUCKETS.landing, key, version: { kind: 'id', versionId } });
      const body = JSON.stringify({ Records: [recordOf(key, version)] });
      this.files.push({ content, key, objectId, claimId: claimId(objectId), isGood: !isGone, body });
      this.#claims.push(this.#layout.cell(`item ${claimId(objectId)}`));
    }
    for (const objects of this.#world.messages) {
      const records = objects.flatMap((object) => {
        const { Records } = JSON.parse(this.files[object]?.body ?? '') as { Records: unknown[] };
        return Records;
      });
      this.services.send('queue', JSON.stringify({ Records: records }), this.initial);
    }
    this.#messages.push(...this.services.messagesIn('queue', this.initial));
  }

  /**
   * Calls `visit` for everything that can happen next. What concerns nobody else happens first, and alone.
   *
   * @throws Error if the code makes a mistake
   */
  async expand(state: State, step: Step, visit: Visit): Promise<void> {
    for (const actor of this.#actors) {
      const waiting = this.#waitingOf(state, actor.cell);
      const call = waiting && !waiting.late && this.#privateCallOf(actor, waiting, state);
      if (call) return this.#expandCall(state, actor, waiting, call, step, visit);
    }
    for (const actor of this.#actors) {
      const waiting = this.#waitingOf(state, actor.cell);
      if (!waiting) continue;
      if (step === 'faulty') this.#expandDeath(state, actor, waiting, visit);
      if (!waiting.late) {
        for (const call of this.automaton.node(waiting.node).calls)
          await this.#expandCall(state, actor, waiting, call, step, visit);
      } else if (step === 'sound') await this.#expandLateAnswer(state, actor, waiting, visit);
    }
    if (step === 'faulty') return;
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
      if (round > MAX_ROUNDS)
        return { rule: 'everything ends', detail: `there are messages after ${MAX_ROUNDS} rounds` };
      const messages = queue ? this.services.messagesIn(queue, state) : [];
      const kind = queue === undefined ? 'reconciler' : queue === 'queue' ? 'aggregator' : queue;
      hasReconciled ||= kind === 'reconciler';
      const number = this.#actors.length + round;
      const cell = this.#layout.cell('actor at the end');
      const actor: Actor = { kind, number, cell, view: this.#views.idOf([number]) };
      this.#place(state, actor.cell, await this.automaton.root({ kind, messages }), 0, actor.view);
      for (
        let waiting = this.#waitingOf(state, actor.cell);
        waiting;
        waiting = this.#waitingOf(state, actor.cell)
      ) {
        const [call] = this.automaton.node(waiting.node).calls;
        if (call === undefined) throw new Error(`the ${kind} waits for nothing`);
        const reply = this.#carryOut(state, this.#callInWorld(call, waiting));
        await this.#answer(state, actor, waiting, call, reply);
      }
    }
    return checkEnd(this, state);
  }

  /** The rules that hold at every moment. */
  check(state: State): Violation | undefined {
    let key = '';
    for (const { cell, manifest } of this.#bundlesOf(state))
      key += `${cell}=${state.get(cell)},${state.get(manifest)};`;
    if (this.#checked.has(key)) return this.#checked.get(key);
    const violation = checkBundles(this, state);
    this.#checked.set(key, violation);
    return violation;
  }

  /** Every bundle that is or was in the distribution bucket: the contents of its versions. */
  bundles(state: State): { key: string; versions: readonly number[] }[] {
    return this.#bundlesOf(state).map(({ key }) => ({
      key,
      versions: this.services.versionsOf(BUCKETS.distribution, key, state).filter((content) => content !== 0),
    }));
  }

  #bundlesOf(state: State) {
    const { names } = this.#layout;
    const prefix = `${BUCKETS.distribution}/`;
    for (; this.#namesSeen < names.length; this.#namesSeen++) {
      const name = names[this.#namesSeen] ?? '';
      if (!name.startsWith(prefix)) continue;
      const key = name.slice(prefix.length);
      const manifest = this.#layout.cell(`${BUCKETS.archive}/${MANIFEST_PREFIX}${key}.json`);
      this.#bundleCells = [...this.#bundleCells, { key, cell: this.#namesSeen, manifest }];
    }
    return this.#bundleCells.filter(({ cell }) => state.get(cell) !== 0);
  }

  #waitingOf(state: State, cell: number): Waiting | undefined {
    const value = state.get(cell);
    return value <= OVER ? undefined : this.#waiting.valueOf(value - OVER);
  }

  /** A call of an actor in the world's times and numbers. */
  #callInWorld(call: number, { age, view }: Waiting): WorldCall {
    const key = (call * TIMEOUT_STEPS + age) * MAX_VIEWS + view;
    const found = this.#callsInWorld.get(key);
    if (found) return found;
    const local = inWorldTime(this.automaton.operations.valueOf(call), LOCAL_START + age * STEP_MS);
    const known = this.#views.valueOf(view);
    const numberOf = (builder: number) => known[builder - 1] ?? builder;
    const made = this.#callOf(this.#operations.idOf(this.#renamedCall(local, numberOf)));
    this.#callsInWorld.set(key, made);
    return made;
  }

  #renamedCall(operation: Operation, numberOf: (builder: number) => number): Operation {
    const rename = (text: string) => renamed(text, numberOf);
    const other = JSON.parse(rename(JSON.stringify(operation))) as Operation;
    if (other.kind === 'PUT')
      return { ...other, content: this.services.contents.renamed(other.content, rename) };
    return other;
  }

  #callOf(id: number): WorldCall {
    const found = this.#calls[id];
    if (found) return found;
    const operation = this.#operations.valueOf(id);
    const place = placeOf(operation);
    const call = {
      ...{ id, operation, place, builder: builderIn(place), faults: faultsOf(operation) },
      cell: this.services.cellOf(operation),
    };
    this.#calls[id] = call;
    return call;
  }

  /** A call takes effect. Returns the response. */
  #carryOut(state: State, { id, operation, cell }: WorldCall): number {
    if (cell === undefined) return this.#worldReplies.idOf(this.services.apply(operation, state));
    const question = id * 2 ** 24 + state.get(cell);
    const known = this.#effects.get(question);
    if (known) {
      state.set(cell, known.value);
      return known.reply;
    }
    const reply = this.#worldReplies.idOf(this.services.apply(operation, state));
    this.#effects.set(question, { reply, value: state.get(cell) });
    return reply;
  }

  /** A response in an actor's times and numbers. It may learn of builders that it did not know. */
  #replyInActor(reply: number, { age, view }: Waiting): LocalReply {
    const key = (reply * TIMEOUT_STEPS + age) * MAX_VIEWS + view;
    const found = this.#localReplies.get(key);
    if (found) return found;
    const knows = [...this.#views.valueOf(view)];
    const rename = (text: string) =>
      renamed(text, (builder) => {
        const index = knows.indexOf(builder);
        return index >= 0 ? index + 1 : knows.push(builder);
      });
    const inTime = inActorTime(this.#worldReplies.valueOf(reply), LOCAL_START + age * STEP_MS);
    const other = JSON.parse(rename(JSON.stringify(inTime))) as Reply;
    if (other.kind === 'content' || other.kind === 'present')
      other.content = this.services.contents.renamed(other.content, rename);
    const made = { reply: this.automaton.replies.idOf(other), view: this.#views.idOf(knows) };
    this.#localReplies.set(key, made);
    return made;
  }

  /**
   * A waiting call that nothing else depends on, now or later, so that its place among the calls of others does not matter:
   *
   * - of what no other actor sees: landing, which never changes; parts; the manifest of a bundle that is not published;
   * - a question about a bundle that can no longer change, because its builder is over and nothing of it is on its way.
   */
  #privateCallOf(actor: Actor, waiting: Waiting, state: State): number | undefined {
    return this.automaton.node(waiting.node).calls.find((number) => {
      const call = this.#callInWorld(number, waiting);
      const { operation } = call;
      switch (operation.kind) {
        case 'CREATE UPLOAD':
        case 'PUT PART':
        case 'acknowledge':
          return true;
        case 'GET':
          return operation.bucket === BUCKETS.landing || this.#isFinal(call, state);
        case 'GetItem':
          return this.#isFinal(call, state);
        case 'HEAD':
          return (
            this.#isFinal(call, state) &&
            !this.services.versionsOf(operation.bucket, operation.key, state).at(-1)
          );
        case 'PUT': {
          if (operation.bucket !== BUCKETS.archive || call.builder !== actor.number) return false;
          const bundle = operation.key.slice(MANIFEST_PREFIX.length, -'.json'.length);
          const { distribution } = BUCKETS;
          const places = [`${distribution}/${bundle}`, call.place];
          return (
            this.services.versionsOf(distribution, bundle, state).length === 0 &&
            !this.#poolOf(state).some(([late]) => places.includes(this.#callOf(late).place))
          );
        }
        default:
          return false;
      }
    });
  }

  /** Whether what a call asks about can no longer change. */
  #isFinal({ place, builder }: WorldCall, state: State): boolean {
    const actor = builder === undefined ? undefined : this.#actors[builder - 1];
    if (!actor || state.get(actor.cell) !== OVER) return false;
    return !this.#poolOf(state).some(([late]) => this.#callOf(late).place === place);
  }

  /** Whether a waiting call, or one on its way, concerns a place. */
  #isAwaited(place: string, state: State, besides?: number): boolean {
    for (const { cell } of this.#actors) {
      const waiting = this.#waitingOf(state, cell);
      if (!waiting || waiting.late) continue;
      const { calls } = this.automaton.node(waiting.node);
      if (calls.some((call) => this.#callInWorld(call, waiting).place === place)) return true;
    }
    return this.#poolOf(state).some(
      ([late], index) => index !== besides && this.#callOf(late).place === place,
    );
  }

  async #expandCall(
    state: State,
    actor: Actor,
    waiting: Waiting,
    number: number,
    step: Step,
    visit: Visit,
  ): Promise<void> {
    const call = this.#callInWorld(number, waiting);
    const tell = (outcome: string) => () =>
      `${actor.kind} ${actor.number}  ${describe(call.operation)}${outcome}`;
    const well = state.copy();
    const reply = this.#carryOut(well, call);
    const { kind } = this.#worldReplies.valueOf(reply);
    if (step === 'sound') {
      await this.#answer(well, actor, waiting, number, reply);
      return visit(well, tell(kind === 'done' ? '' : `: ${kind}`));
    }
    if (mayAnswerLate(call.operation) && this.#stepsToChange(state) !== undefined) {
      const late = { call: number, reply, isLate: false };
      well.set(actor.cell, OVER + this.#waiting.idOf({ ...waiting, late }));
      visit(well, tell(': takes effect, and is answered late'));
    }
    const { isLost, isOut, isThrottled, breaksOff, writes } = call.faults;
    const failed = async (next: State, local: number, outcome: string) => {
      await this.#answerLocally(next, actor, waiting, number, { reply: local, view: waiting.view });
      visit(next, tell(outcome));
    };
    if (isLost) await failed(this.#withLate(state, waiting, [call]), this.#replies.lost, ': lost');
    if (isOut) {
      const next = writes ? this.#withLate(state, waiting, [call]) : state.copy();
      await failed(next, this.#replies.outage, ': lost, like all its retries');
    }
    if (isThrottled) await failed(state.copy(), this.#replies.throttled, ': throttled');
    const content = this.#worldReplies.valueOf(reply);
    if (breaksOff && content.kind === 'content')
      await failed(
        state.copy(),
        this.automaton.replies.idOf({ ...content, breaksOff: true }),
        ': breaks off',
      );
  }

  /** Delivers a response to an actor. */
  #answer(
    state: State,
    actor: Actor,
    waiting: Waiting,
    call: number,
    reply: number,
  ): Promise<void> | undefined {
    return this.#answerLocally(state, actor, waiting, call, this.#replyInActor(reply, waiting));
  }

  /** Nothing to wait for if it is known what follows. */
  #answerLocally(
    state: State,
    actor: Actor,
    { node, age }: Waiting,
    call: number,
    { reply, view }: LocalReply,
  ): Promise<void> | undefined {
    const at = this.automaton.node(node);
    const next = this.automaton.known(at, call, reply, age);
    if (next) return void this.#place(state, actor.cell, next, age, view);
    return this.automaton
      .next(at, call, reply, age)
      .then((found) => this.#place(state, actor.cell, found, age, view));
  }

  #place(state: State, cell: number, { id, end }: Node, age: number, view: number): void {
    if (end?.kind === 'mistake') throw new Error(end.detail);
    state.set(cell, end ? OVER : OVER + this.#waiting.idOf({ node: id, age, view }));
  }

  /** The actor dies. What it has sent may still take effect. */
  #expandDeath(state: State, actor: Actor, waiting: Waiting, visit: Visit): void {
    const calls = waiting.late
      ? []
      : this.automaton.node(waiting.node).calls.map((call) => this.#callInWorld(call, waiting));
    const next = this.#withLate(
      state,
      waiting,
      calls.filter(({ faults }) => faults.writes),
    );
    next.set(actor.cell, OVER);
    visit(next, () => {
      const what = calls.map(({ operation }) => describe(operation)).join(', ');
      return `${actor.kind} ${actor.number}  dies; it waited for ${what || 'an answer'}`;
    });
  }

  async #expandLateAnswer(state: State, actor: Actor, waiting: Waiting, visit: Visit): Promise<void> {
    const { late } = waiting;
    if (!late?.isLate) return;
    const next = state.copy();
    await this.#answer(next, actor, waiting, late.call, late.reply);
    const { operation } = this.#callInWorld(late.call, waiting);
    visit(next, () => `${actor.kind} ${actor.number}  gets the late answer to ${describe(operation)}`);
  }

  /** The state after calls were lost on their way. */
  #withLate(state: State, { age }: Waiting, calls: readonly WorldCall[]): State {
    const next = state.copy();
    if (calls.length === 0) return next;
    const msLeft = TIMEOUT_MS - age * STEP_MS;
    const late = calls.map(({ id, operation }): LateCall => [id, msLeft + latenessOf(operation)]);
    this.#setPool(next, [...this.#poolOf(state), ...late]);
    return next;
  }

  #poolOf(state: State): readonly LateCall[] {
    const pool = state.get(this.#pool);
    return pool === 0 ? [] : this.#pools.valueOf(pool);
  }

  #setPool(state: State, pool: readonly LateCall[]): void {
    state.set(this.#pool, this.#poolIdOf(pool));
  }

  #poolIdOf(pool: readonly LateCall[]): number {
    return pool.length === 0 ? 0 : this.#pools.idOf(pool.toSorted(([a, b], [c, d]) => a - c || b - d));
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
    for (const [index, [id, msLeft]] of pool.entries()) {
      if (pool[index + 1]?.[0] === id) continue;
      const call = this.#callOf(id);
      const isDue = isQuiet || call.operation.kind === 'SendMessage' || msLeft <= msToChange;
      if (!isDue && !this.#isAwaited(call.place, state, index)) continue;
      const next = state.copy();
      this.#carryOut(next, call);
      this.#setPool(next, pool.toSpliced(index, 1));
      visit(next, () => `              ${describe(call.operation)} takes effect, late`);
    }
  }

  /** Builders start in the order of their numbers, because they differ in nothing else. */
  async #expandStarts(state: State, visit: Visit): Promise<void> {
    for (const kind of ['aggregator', 'large objects', 'reconciler'] as const) {
      const actor = this.#actors.find((it) => it.kind === kind && state.get(it.cell) === NOT_STARTED);
      if (!actor) continue;
      const view = actor.view;
      const starts = this.#startsIn(kind, state);
      for (const { node, messages } of Array.isArray(starts) ? starts : await starts) {
        const next = state.copy();
        this.#place(next, actor.cell, node, 0, view);
        visit(next, () => `${kind} ${actor.number}  receives ${messages.map(({ id }) => id).join(', ')}`);
      }
    }
  }

  #startsIn(kind: Role['kind'], state: State): Start[] | Promise<Start[]> {
    const queue =
      kind === 'reconciler' ? 0 : state.get(this.#layout.cell(kind === 'aggregator' ? 'queue' : kind));
    const key = `${kind} ${queue}`;
    const known = this.#starts.get(key);
    if (known) return known;
    const batches = this.#batchesOf(kind, state).map(async (messages) => {
      return { messages, node: await this.automaton.root({ kind, messages }) };
    });
    return Promise.all(batches).then((starts) => {
      this.#starts.set(key, starts);
      return starts;
    });
  }

  /** The batches that an actor may receive. S3 and SQS may repeat a message, so a message that was deleted can come again. */
  #batchesOf(kind: Role['kind'], state: State): readonly (readonly QueuedMessage[])[] {
    if (kind === 'reconciler') return [[]];
    if (kind === 'large objects') return this.services.messagesIn(kind, state).map((message) => [message]);
    const sent = this.services.messagesIn('queue', state);
    const known = new Set(this.#messages.map(({ id }) => id));
    const all = [...this.#messages, ...sent.filter(({ id }) => !known.has(id))];
    if (all.length === 0) return [];
    return this.#world.batches === 'all' ? [all] : subsetsOf(all);
  }

  /** The consumer takes a bundle: downloads and deletes it, just before a call that would see the difference. */
  #expandConsumer(state: State, visit: Visit): void {
    for (const { key } of this.#bundlesOf(state)) {
      if (!this.services.versionsOf(BUCKETS.distribution, key, state).at(-1)) continue;
      if (!this.#isAwaited(`${BUCKETS.distribution}/${key}`, state)) continue;
      const next = state.copy();
      this.services.addVersion(BUCKETS.distribution, key, 0, next);
      visit(next, () => `consumer      takes ${key}`);
    }
  }

  /** Steps until something changes by itself: a claim expires, or will in the next step, or a call can no longer take effect. */
  #stepsToChange(state: State): number | undefined {
    let steps = Infinity;
    const consider = (until: unknown) => {
      if (typeof until === 'number' && until > 0) steps = Math.min(steps, Math.max(1, until / STEP_MS - 1));
    };
    for (const cell of this.#claims) {
      const item = state.get(cell);
      if (item !== 0) consider(this.services.items.valueOf(item)['until']);
    }
    for (const [id, msLeft] of this.#poolOf(state)) {
      steps = Math.min(steps, Math.ceil(msLeft / STEP_MS));
      const { operation } = this.#callOf(id);
      if (operation.kind === 'PutItem') consider(operation.item['until']);
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
      // The reconciler has so much time that it does not count.
      const age = kind === 'reconciler' ? 0 : waiting.age + steps;
      if (age >= TIMEOUT_STEPS) return;
      const { late } = waiting;
      next.set(
        cell,
        OVER + this.#waiting.idOf({ ...waiting, age, ...(late && { late: { ...late, isLate: true } }) }),
      );
    }
    const ms = steps * STEP_MS;
    this.#passClaims(next, ms);
    next.set(this.#pool, this.#agedPool(state.get(this.#pool), ms));
    visit(next, () => `              ${ms / 1000} s pass`);
  }

  #agedPool(pool: number, ms: number): number {
    if (pool === 0) return 0;
    const key = `${pool} ${ms}`;
    const known = this.#agedPools.get(key);
    if (known !== undefined) return known;
    const late = this.#pools.valueOf(pool).filter(([, msLeft]) => msLeft > ms);
    const aged = this.#poolIdOf(
      late.map(([id, msLeft]) => [
        this.#operations.idOf(agedCall(this.#callOf(id).operation, ms)),
        msLeft - ms,
      ]),
    );
    this.#agedPools.set(key, aged);
    return aged;
  }

  #passClaims(state: State, ms: number): void {
    for (const cell of this.#claims) {
      const item = state.get(cell);
      if (item !== 0)
        state.set(cell, this.services.items.idOf(agedItem(this.services.items.valueOf(item), ms)));
    }
  }

  #likenessOfActor(value: number): number {
    if (value <= OVER) return value;
    const { node, age, late } = this.#waiting.valueOf(value - OVER);
    return late ? -value : node * TIMEOUT_STEPS + age;
  }

  #renameActor(value: number, renaming: Renaming): number {
    if (value <= OVER) return value;
    const waiting = this.#waiting.valueOf(value - OVER);
    const { late } = waiting;
    const view = this.#views.idOf(this.#views.valueOf(waiting.view).map(renaming.numberOf));
    if (!late) return OVER + this.#waiting.idOf({ ...waiting, view });
    const reply = JSON.parse(
      renamed(JSON.stringify(this.#worldReplies.valueOf(late.reply)), renaming.numberOf),
    ) as Reply;
    return (
      OVER +
      this.#waiting.idOf({ ...waiting, view, late: { ...late, reply: this.#worldReplies.idOf(reply) } })
    );
  }

  #ownersInPool(value: number) {
    return this.#pools.valueOf(value).flatMap(([id, msLeft]) => {
      const { operation } = this.#callOf(id);
      const builder = builderIn(JSON.stringify(operation));
      return builder === undefined ? [] : [[builder, operation.kind.length * 31 + msLeft] as const];
    });
  }

  #renamePool(value: number, { numberOf }: Renaming): number {
    return this.#poolIdOf(
      this.#pools.valueOf(value).map(([id, msLeft]): LateCall => {
        const operation = this.#renamedCall(this.#callOf(id).operation, numberOf);
        return [this.#operations.idOf(operation), msLeft];
      }),
    );
  }
}

function subsetsOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 2 ** items.length - 1 }, (_, mask) =>
    items.filter((_, index) => ((mask + 1) >> index) & 1),
  );
}
