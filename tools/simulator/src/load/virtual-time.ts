import type { Clock } from '@data-aggregator/shared-processing/retry';
import { Heap } from './heap.ts';

/**
 * Time that passes only when nothing is left to do at the present moment, a millisecond at a time. Whoever waits for the same moment
 * continues in the order of asking, so a run depends on its seed alone.
 */
export class VirtualTime implements Clock {
  #now: number;
  /** Moments at which something happens, each once. */
  readonly #moments = new Heap();
  readonly #actions = new Map<number, (() => void)[]>();

  /** @param start ms since the epoch */
  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Does something at a moment, or now if that has passed. */
  at(moment: number, action: () => void): void {
    const due = Math.max(this.#now, Math.ceil(moment));
    const others = this.#actions.get(due);
    if (others) return void others.push(action);
    this.#actions.set(due, [action]);
    this.#moments.push(due, 0);
  }

  until(moment: number): Promise<void> {
    return new Promise((resolve) => this.at(moment, resolve));
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!signal) return this.until(this.#now + ms);
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      this.at(this.#now + ms, resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  signalAt(moment: number): AbortSignal {
    const controller = new AbortController();
    if (moment <= this.#now) controller.abort();
    else this.at(moment, () => controller.abort());
    return controller.signal;
  }

  /** Lets time pass. @throws if nothing is left that could happen */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const moment = this.#moments.pop()?.key;
      if (moment === undefined) throw new Error('nothing is left to happen');
      this.#now = moment;
      for (let actions = this.#take(); actions; actions = this.#take()) {
        for (const action of actions) action();
        await settled();
      }
    }
  }

  #take(): (() => void)[] | undefined {
    const actions = this.#actions.get(this.#now);
    this.#actions.delete(this.#now);
    return actions;
  }
}

/** Resolves when no promise is left that could continue at once. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
