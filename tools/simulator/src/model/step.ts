import type { ActionEvent } from '../trace.ts';
import { checkAlways, checkEnd } from './invariants.ts';
import { protocol } from './protocol.ts';
import { GUARDS, type Guard, INVARIANTS, Violation } from './rules.ts';
import { initialState, type State } from './state.ts';

interface AnyDefinition {
  guards: Partial<Record<Guard, (state: State, action: ActionEvent) => boolean>>;
  effect: (state: State, action: ActionEvent) => State;
}

/**
 * One step of the protocol. The given state is not changed.
 *
 * @throws Violation that names the first guard or invariant that does not hold
 */
export function step(state: State, action: ActionEvent): State {
  const guard = blockedBy(state, action);
  if (guard !== undefined) throw new Violation(guard, describe(action));
  return takeEffect(state, action);
}

/** The first guard that does not allow an action; undefined if all do. */
export function blockedBy(state: State, action: ActionEvent): Guard | undefined {
  const guards = Object.entries(definitionOf(action).guards);
  return guards.find(([, holds]) => !holds(state, action))?.[0] as Guard | undefined;
}

/** The effect of an action, without its guards. @throws Violation that names the first invariant that does not hold */
export function takeEffect(state: State, action: ActionEvent): State {
  const after = definitionOf(action).effect(state, action);
  if (after !== state) checkAlways(after);
  return after;
}

function definitionOf({ kind }: ActionEvent): AnyDefinition {
  // The table connects every kind of action with its own definition, which TypeScript cannot follow through an index.
  return protocol[kind] as unknown as AnyDefinition;
}

function describe({ at, actor, kind, ...fields }: ActionEvent): string {
  return `${actor} ${kind} ${JSON.stringify(fields)} at ${new Date(at).toISOString()}`;
}

const SENTENCES = { ...GUARDS, ...INVARIANTS };

/** Compares a trace with the protocol, while it happens. */
export class TraceCheck {
  /** The first violation. */
  violation: { rule: string; detail: string } | undefined;
  #state: State;

  constructor(clockDriftMs: number) {
    this.#state = initialState(clockDriftMs);
  }

  onAction(action: ActionEvent): void {
    this.#try(() => (this.#state = step(this.#state, action)));
  }

  /** To be called once nothing happens any more. */
  end(): void {
    this.#try(() => checkEnd(this.#state));
  }

  #try(work: () => void): void {
    if (this.violation) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.violation = { rule: `model: ${SENTENCES[error.rule]}`, detail: error.message };
    }
  }
}
