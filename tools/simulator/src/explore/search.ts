import type { Violation } from './rules.ts';
import { HashSet64, State } from './state.ts';
import type { World } from './world.ts';

export interface SearchOptions {
  maxFaults: number;
  /** Stops at the first state that breaks a rule. */
  onProgress?: (states: number) => void;
  /** Ends the search early, without a result for the bound in progress. */
  isOver?: () => boolean;
}

export interface SearchResult {
  states: number;
  /** Endings that were checked: everything was worked off from there. */
  ends: number;
  /** The highest number of faults up to which every state was visited; -1 if there is none. */
  faultsBound: number;
  counterexample: Counterexample | undefined;
}

/** The shortest-in-faults way to a state that breaks a rule. */
export interface Counterexample {
  faults: number;
  violation: Violation;
  trace: string[];
}

const FIRST_PATHS = 1 << 16;
const PROGRESS_STATES = 10_000;

/** For every visited state, the one before it, and which of its successors it is. */
class Paths {
  #parents = new Int32Array(FIRST_PATHS);
  #choices = new Uint16Array(FIRST_PATHS);
  length = 0;

  add(parent: number, choice: number): number {
    if (this.length === this.#parents.length) {
      const [parents, choices] = [this.#parents, this.#choices];
      this.#parents = new Int32Array(2 * parents.length);
      this.#choices = new Uint16Array(2 * choices.length);
      this.#parents.set(parents);
      this.#choices.set(choices);
    }
    this.#parents[this.length] = parent;
    this.#choices[this.length] = choice;
    return this.length++;
  }

  /** The choices from the initial state to this one. */
  to(path: number): number[] {
    const choices: number[] = [];
    for (let at = path; at > 0; at = this.#parents[at] as number) choices.push(this.#choices[at] as number);
    return choices.reverse();
  }
}

/**
 * Visits every state of a small world that can be reached with at most so many faults: first all without a fault, then all with one,
 * and so on. Every state is visited once.
 */
export async function search(world: World, options: SearchOptions): Promise<SearchResult> {
  const { maxFaults, onProgress, isOver } = options;
  const visited = new HashSet64();
  const paths = new Paths();
  let stack = [world.initial.copy()];
  visited.add(world.initial.high, world.initial.low);
  paths.add(0, 0);
  let faultsBound = -1;
  let counterexample: Counterexample | undefined;

  for (let faults = 0; faults <= maxFaults; faults++) {
    const later: State[] = [];
    const foundLater = new HashSet64();
    for (let state = stack.pop(); state; state = stack.pop()) {
      if (visited.size % PROGRESS_STATES === 0) onProgress?.(visited.size);
      if (isOver?.()) return { states: visited.size, ends: world.ends, faultsBound, counterexample };
      const from = state.path;
      let choice = 0;
      let broken: { path: number; violation: Violation } | undefined;
      const found = (next: State, cost: number) => {
        const number = choice++;
        if (cost > 0) {
          if (faults === maxFaults || visited.has(next.high, next.low) || !foundLater.add(next.high, next.low)) return;
          next.path = paths.add(from, number);
          later.push(next);
          return;
        }
        if (!visited.add(next.high, next.low)) return;
        next.path = paths.add(from, number);
        stack.push(next);
      };
      let violation = world.check(state);
      try {
        violation ??= world.isQuiet(state) ? await world.checkEnd(state) : undefined;
        if (!violation) await world.expand(state, found);
      } catch (error) {
        violation = { rule: 'the code works', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
      }
      if (violation) broken = { path: from, violation };
      if (broken) {
        counterexample = { faults, violation: broken.violation, trace: await traceOf(world, paths.to(broken.path)) };
        return { states: visited.size, ends: world.ends, faultsBound, counterexample };
      }
    }
    faultsBound = faults;
    stack = later.filter(({ high, low }) => visited.add(high, low));
  }
  return { states: visited.size, ends: world.ends, faultsBound, counterexample };
}

/** The steps of a path in words, by making its choices again. */
async function traceOf(world: World, choices: readonly number[]): Promise<string[]> {
  const trace: string[] = [];
  let state = world.initial.copy();
  for (const wanted of choices) {
    let choice = 0;
    let chosen: { next: State; line: string } | undefined;
    await world.expand(state, (next, _faults, tell) => {
      if (choice++ === wanted) chosen = { next, line: tell() };
    });
    if (!chosen) throw new Error('the search does not repeat its own choices');
    trace.push(chosen.line);
    state = chosen.next;
  }
  return trace;
}
