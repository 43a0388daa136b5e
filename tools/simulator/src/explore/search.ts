import type { Violation } from './rules.ts';
import { HashSet64, type State } from './state.ts';
import type { Step, Visit, World } from './world.ts';
import { MAX_BUNDLES, renamed } from './calls.ts';

export interface SearchResult {
  states: number;
  /** Endings that were checked: everything was worked off from there. */
  ends: number;
  /** The highest number of faults up to which every state was visited; -1 if there is none. */
  faultsBound: number;
  counterexample: Counterexample | undefined;
}

/** A way to a state that breaks a rule, with as few faults as possible. */
export interface Counterexample {
  faults: number;
  violation: Violation;
  trace: string[];
}

const FIRST_PATHS = 1 << 16;
const MAX_BUILDERS = 8;

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
export async function search(world: World, maxFaults: number): Promise<SearchResult> {
  const visited = new HashSet64();
  const paths = new Paths();
  let faultsBound = -1;
  let counterexample: Counterexample | undefined;
  const result = (): SearchResult => ({
    states: visited.size,
    ends: world.ends,
    faultsBound,
    counterexample,
  });

  /** States of the last completed number of faults, from which one more fault leads on. */
  let level: State[] = [];
  const stack: State[] = [];
  const discover = (from: State, step: Step) => {
    let choice = 0;
    return (next: State) => {
      const number = 2 * choice++ + (step === 'faulty' ? 1 : 0);
      const state = world.representative(next)?.state ?? next;
      if (!visited.add(state.high, state.low)) return;
      state.path = paths.add(from.path, number);
      stack.push(state);
    };
  };
  const initial = world.initial.copy();
  visited.add(initial.high, initial.low);
  initial.path = paths.add(0, 0);
  stack.push(initial);

  for (let faults = 0; ; faults++) {
    const visitedNow: State[] = [];
    for (let origin = level.pop(); origin ?? stack.length > 0; origin = level.pop()) {
      if (origin) await world.expand(origin, 'faulty', discover(origin, 'faulty'));
      for (let state = stack.pop(); state; state = stack.pop()) {
        const violation = await examine(world, state, discover(state, 'sound'));
        if (violation) {
          counterexample = { faults, violation, trace: await traceOf(world, paths.to(state.path)) };
          return result();
        }
        if (faults < maxFaults) visitedNow.push(state);
      }
    }
    faultsBound = faults;
    if (faults === maxFaults) return result();
    level = visitedNow;
  }
}

async function examine(world: World, state: State, visit: Visit): Promise<Violation | undefined> {
  try {
    const violation = world.check(state) ?? (world.isQuiet(state) ? await world.checkEnd(state) : undefined);
    if (violation) return violation;
    await world.expand(state, 'sound', visit);
  } catch (error) {
    return {
      rule: 'the code works',
      detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
  return undefined;
}

/** Calls bundles K1, K2, … by their builders; a second one of the same builder K1.1. */
function shortened(line: string): string {
  return line.replaceAll(/bundles\/\S*?-([0-9a-f]{16})\.\S*?tar/g, (_, random: string) => {
    const number = parseInt(random, 16);
    const second = number % MAX_BUNDLES;
    return `K${Math.floor(number / MAX_BUNDLES)}${second > 0 ? `.${second}` : ''}`;
  });
}

/** The steps of a path in words, by making its choices again. Builders keep the numbers that they get in the first step. */
async function traceOf(world: World, choices: readonly number[]): Promise<string[]> {
  const trace: string[] = [];
  const names = new Map<number, number>();
  const nameOf = (builder: number) => names.get(builder) ?? builder;
  let state = world.initial.copy();
  for (const wanted of choices) {
    const step: Step = wanted % 2 === 0 ? 'sound' : 'faulty';
    let choice = 0;
    let chosen: { next: State; line: string } | undefined;
    await world.expand(state, step, (next, tell) => {
      if (2 * choice++ + (step === 'faulty' ? 1 : 0) === wanted) chosen = { next, line: tell() };
    });
    if (!chosen) throw new Error('the search does not repeat its own choices');
    const named = chosen.line.replace(
      /^aggregator (\d+)/,
      (_, number: string) => `aggregator ${nameOf(Number(number))}`,
    );
    trace.push(shortened(renamed(named, nameOf)));
    const other = world.representative(chosen.next);
    if (other) {
      const before = new Map(names);
      for (let builder = 1; builder <= MAX_BUILDERS; builder++)
        names.set(other.renaming.numberOf(builder), before.get(builder) ?? builder);
    }
    state = other?.state ?? chosen.next;
  }
  return trace;
}
