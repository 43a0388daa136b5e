import { setImmediate as drainMicrotasks } from 'node:timers/promises';
import { CallError } from '@data-aggregator/shared-processing/errors';
import type { Clock } from '@data-aggregator/shared-processing/retry';
import type { Random } from '@data-aggregator/shared-processing/testing';
import type { Action, OnAction } from '../trace.ts';

/** A process: an invocation of a function in its own execution environment, the consumer's program, or a command. */
export interface Actor {
  name: string;
  /** ms that its clock is ahead of the world's. */
  drift: number;
  /** When the platform kills it, in the world's time; Infinity for a program that nobody limits. */
  deadline: number;
  dead: boolean;
  /** Called once when it dies before its end. */
  onKilled?: () => void;
}

/** A call to a service that waits for the scheduler to decide its outcome. */
interface PendingCall {
  actor: Actor;
  what: string;
  /** Whether it changes something, so that its effect may come late. */
  writes: boolean;
  /** ms after its actor's deadline by which a late effect has happened. */
  lateness: number;
  effect: () => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  readyAt: number;
}

/** The possible outcomes of a call. */
export type CallOutcome =
  | 'well'
  | 'throttled'
  | 'lost-before-effect'
  | 'lost-after-effect'
  | 'lost-effect-comes-late'
  /** It waits some time before it takes effect. */
  | 'slow'
  /** It takes effect now; the response arrives some time later. */
  | 'answered-late'
  | 'dies-before-effect'
  | 'dies-after-effect'
  | 'dies-effect-comes-late';

const FAULTS: readonly CallOutcome[] = [
  'throttled',
  'lost-before-effect',
  'lost-after-effect',
  'lost-effect-comes-late',
  'slow',
  'answered-late',
  'dies-before-effect',
  'dies-after-effect',
  'dies-effect-comes-late',
];

/** Maximum ms between effect and response: longer than the grace, so that a claim can expire in between. */
const LONGEST_ANSWER_MS = 60_000;

/** When every schedule begins. */
const START = Date.UTC(2026, 0, 1);

interface Timer {
  at: number;
  actor: Actor | undefined;
  run: () => void | Promise<void>;
}

export interface WorldOptions {
  random: Random;
  /** Probability that a call fails. */
  faultiness: number;
  /** ms after its actor's deadline by which late effects have happened, unless a call has its own. */
  lateness: number;
  /** Numbers of the faults to suppress, to shrink a failing schedule. */
  spared: ReadonlySet<number>;
  trace?: ((line: string) => void) | undefined;
  onAction?: OnAction | undefined;
  steer?: Steer | undefined;
}

/** Chooses the outcome of a call to make rare sequences of events likely; undefined leaves it to chance. */
export type Steer = (what: string, random: Random) => CallOutcome | undefined;

/**
 * Simulated time and the calls that wait in it. Everything happens through its methods, so that a schedule depends only on
 * its seed.
 */
export class World {
  now = START;
  quiet = false;
  faults = 0;
  /** When the last effect that comes late happens, or has happened. */
  lastLateEffectAt = START;
  /** Calls that never succeed, not even once the other faults have ended. */
  isHopeless: ((what: string) => boolean) | undefined;
  /** Names of the invocations that died. */
  readonly killed = new Set<string>();
  readonly #options: WorldOptions;
  #pending: PendingCall[] = [];
  readonly #timers = new Set<Timer>();
  readonly #deadlines: AbortController[] = [];
  #hasEnded = false;

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  /** Records an event, if there is a trace. */
  trace(line: string): void {
    this.#options.trace?.(`${((this.now - START) / 1000).toFixed(1).padStart(8)} s  ${line}`);
  }

  /** Reports an action of the protocol. */
  act(actor: string, action: Action): void {
    this.#options.onAction?.({ at: this.now, actor, ...action });
  }

  /** A call by an actor. Resolves or rejects as the scheduler decides, or never if the actor dies. */
  call<T>(
    actor: Actor,
    what: string,
    writes: boolean,
    effect: () => Promise<T>,
    lateness = this.#options.lateness,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (actor.dead || this.#hasEnded) return;
      const settle = resolve as (value: unknown) => void;
      this.#pending.push({
        ...{ actor, what, writes, lateness, effect },
        ...{ resolve: settle, reject, readyAt: this.now },
      });
    });
  }

  /** The clock that an actor reads. */
  clockOf(actor: Actor): Clock {
    return {
      now: () => this.now + actor.drift,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve();
          const timer = this.#at(this.now + ms, actor, () => {
            signal?.removeEventListener('abort', wake);
            resolve();
          });
          const wake = () => {
            this.#timers.delete(timer);
            resolve();
          };
          signal?.addEventListener('abort', wake);
        }),
      signalAt: (moment) => {
        const controller = new AbortController();
        this.#deadlines.push(controller);
        this.#at(moment - actor.drift, actor, () => controller.abort());
        return controller.signal;
      },
    };
  }

  /** Runs something at a moment of the world's time, independent of any actor. */
  at(moment: number, run: () => void | Promise<void>): void {
    this.#at(moment, undefined, run);
  }

  /** Whether an external disturbance may happen. It is numbered like a fault, and can be suppressed. */
  mayDisturb(): boolean {
    return !this.#options.spared.has(this.faults++);
  }

  /**
   * Decides about something that takes effect at once, and is `share` times as likely to fail as a call.
   *
   * @returns what the schedule's steering wants, or `chance` for any fault
   */
  faultOf(what: string, share: number): CallOutcome | 'chance' | undefined {
    const { random, faultiness, steer } = this.#options;
    if (this.quiet) return undefined;
    const fault = steer?.(what, random) ?? (random.chance(faultiness * share) ? 'chance' : undefined);
    return fault !== undefined && this.mayDisturb() ? fault : undefined;
  }

  /**
   * Ends the world: calls are never answered any more, and deadlines are over. Node keeps combined signals that somebody listens to, and
   * with them the whole world, until they are aborted.
   */
  end(): void {
    this.#hasEnded = true;
    for (const deadline of this.#deadlines) deadline.abort();
  }

  kill(actor: Actor, why: string): void {
    if (actor.dead) return;
    actor.dead = true;
    this.killed.add(actor.name);
    this.#pending = this.#pending.filter((call) => call.actor !== actor);
    for (const timer of this.#timers) if (timer.actor === actor) this.#timers.delete(timer);
    this.trace(`${actor.name} dies: ${why}`);
    this.act(actor.name, { kind: 'died' });
    actor.onKilled?.();
  }

  /** Runs everything that does not wait for the scheduler. */
  settle(): Promise<void> {
    return drainMicrotasks();
  }

  /** Whether a call could be decided now. */
  get hasReadyCall(): boolean {
    return this.#pending.some(({ readyAt }) => readyAt <= this.now);
  }

  /** The next moment at which a timer or a slow call is due. */
  get nextMoment(): number | undefined {
    const later = this.#pending.map(({ readyAt }) => readyAt).filter((at) => at > this.now);
    const moments = [...later, ...[...this.#timers].map(({ at }) => at)];
    return moments.length > 0 ? Math.min(...moments) : undefined;
  }

  /** Advances time, and runs what is due on the way, in order. */
  async advanceTo(moment: number): Promise<void> {
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= moment).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.now = Math.max(this.now, due.at);
      await due.run();
      await this.settle();
    }
    this.now = Math.max(this.now, moment);
  }

  /** Decides the outcome of one of the waiting calls. */
  async decideCall(): Promise<void> {
    const ready = this.#pending.filter(({ readyAt }) => readyAt <= this.now);
    const call = this.#options.random.pick(ready);
    const outcome = this.#outcomeOf(call);
    if (outcome === 'slow') {
      call.readyAt = this.now + 1 + this.#options.random.below(20_000);
      this.trace(`${call.actor.name} ${call.what}: slow`);
      return;
    }
    this.#pending.splice(this.#pending.indexOf(call), 1);
    await this.#carryOut(call, outcome);
  }

  async #carryOut(call: PendingCall, outcome: Exclude<CallOutcome, 'slow'>): Promise<void> {
    const { actor, what } = call;
    if (outcome !== 'well') this.trace(`${actor.name} ${what}: ${outcome}`);
    const lost = () => call.reject(new CallError(what, { outcome: 'unknown', code: 'ECONNRESET' }));
    switch (outcome) {
      case 'well':
        return (await this.#effectOf(call))();
      case 'answered-late': {
        const answer = await this.#effectOf(call);
        this.#at(this.now + 1 + this.#options.random.below(LONGEST_ANSWER_MS), actor, answer);
        return;
      }
      case 'throttled':
        return call.reject(new CallError(what, { outcome: 'throttled', code: 'SlowDown', status: 503 }));
      case 'lost-before-effect':
        return lost();
      case 'lost-after-effect':
        await this.#effectOf(call);
        return lost();
      case 'lost-effect-comes-late':
        this.#comeLate(call);
        return lost();
      case 'dies-before-effect':
        return this.kill(actor, `before ${what}`);
      case 'dies-after-effect':
        await this.#effectOf(call);
        return this.kill(actor, `after ${what}`);
      case 'dies-effect-comes-late':
        this.#comeLate(call);
        return this.kill(actor, `while ${what} is on its way`);
    }
  }

  /** Executes a call now. Returns a function that delivers the response to the caller. */
  async #effectOf(call: PendingCall): Promise<() => void> {
    const { actor, what } = call;
    try {
      const value = await call.effect();
      return () => {
        if (!isEmpty(value)) this.trace(`${actor.name} ${what}${tell(value)}`);
        call.resolve(value);
      };
    } catch (error) {
      return () => {
        this.trace(`${actor.name} ${what}: ${(error as CallError).code}`);
        call.reject(error);
      };
    }
  }

  /** The effect happens before the actor's deadline or within the lateness after it, even if the actor is dead. */
  #comeLate(call: PendingCall): void {
    const { random } = this.#options;
    const { lateness } = call;
    const deadline = Number.isFinite(call.actor.deadline) ? call.actor.deadline : this.now;
    const isAfterDeadline = random.chance(0.5);
    const from = isAfterDeadline ? deadline : this.now;
    const at = from + random.below(Math.max(1, deadline + lateness - from));
    this.lastLateEffectAt = Math.max(this.lastLateEffectAt, at);
    this.#at(at, undefined, async () => {
      this.trace(`${call.actor.name} ${call.what}: takes effect, late`);
      await call.effect().catch(() => undefined); // No caller is left to receive a refusal.
    });
  }

  #outcomeOf(call: PendingCall): CallOutcome {
    const { random, faultiness, spared, steer } = this.#options;
    if (this.isHopeless?.(call.what)) return random.pick(['throttled', 'lost-before-effect']);
    if (this.quiet) return 'well';
    const steered = steer?.(call.what, random);
    const hit = random.chance(faultiness);
    const drawn = random.pick(FAULTS);
    const outcome = steered ?? (hit ? drawn : 'well');
    if (outcome === 'well' || spared.has(this.faults++)) return 'well';
    if (!call.writes && outcome.endsWith('comes-late')) return 'lost-before-effect';
    return outcome;
  }

  #at(at: number, actor: Actor | undefined, run: () => void | Promise<void>): Timer {
    const timer = { at, actor, run };
    if (!actor?.dead) this.#timers.add(timer);
    return timer;
  }
}

/** Whether a listing or a receive has found nothing, as idle programs do all the time. */
function isEmpty(value: unknown): boolean {
  const found = (value as { objects?: unknown } | undefined)?.objects ?? value;
  return Array.isArray(found) && found.length === 0;
}

function tell(value: unknown): string {
  const kind = (value as { kind?: unknown } | undefined)?.kind;
  return typeof kind === 'string' ? `: ${kind}` : '';
}
