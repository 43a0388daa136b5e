import type { ActionEvent } from '../trace.ts';
import { protocol } from './protocol.ts';
import { RULES, type Rule, Violation } from './rules.ts';
import { initialState, isDelivered, type State } from './state.ts';

interface AnyDefinition {
  guards: Partial<Record<Rule, (state: State, action: ActionEvent) => boolean>>;
  effect: (state: State, action: ActionEvent) => State;
}

/**
 * One step of the protocol. The given state is not changed.
 *
 * @throws Violation that names the first guard that does not hold
 */
export function step(state: State, action: ActionEvent): State {
  // The table's types connect every kind of action with its own definition, which TypeScript cannot follow through an index.
  const { guards, effect } = protocol[action.kind] as unknown as AnyDefinition;
  for (const [rule, holds] of Object.entries(guards)) {
    if (!holds(state, action)) throw new Violation(rule as Rule, describe(action));
  }
  return effect(state, action);
}

/**
 * Checks the state once nothing happens any more.
 *
 * @throws Violation
 */
export function checkEnd(state: State): void {
  for (const [id, { deadLetters, isDropped }] of state.objects) {
    if (!isDelivered(state, id) && deadLetters === 0 && !isDropped)
      throw new Violation('nothing-lost', `${id} is neither delivered nor in the dead letters`);
  }
  for (const [key, { isPublished, receipts }] of state.bundles) {
    if (isPublished && !(receipts.archive && receipts.disk))
      throw new Violation(
        'nothing-left',
        `${key} has no receipt ${receipts.archive ? 'on disk' : 'in the archive'}`,
      );
  }
}

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
      this.violation = { rule: `model: ${RULES[error.rule]}`, detail: error.message };
    }
  }
}

function describe({ at, actor, kind, ...fields }: ActionEvent): string {
  return `${actor} ${kind} ${JSON.stringify(fields)} at ${new Date(at).toISOString()}`;
}
