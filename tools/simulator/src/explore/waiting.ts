import { TIMEOUT_MS } from '../settings.ts';

/** ms between two moments that matter: the timeout is two steps, a claim three. */
export const STEP_MS = 30_000;
export const TIMEOUT_STEPS = TIMEOUT_MS / STEP_MS;

/** What an actor waits for; or an answer that it has not received yet, although time may have passed since the call took effect. */
export interface Waiting {
  node: number;
  /** Steps since it started. */
  age: number;
  /** The builders that it knows, see `#views`. */
  view: number;
  late?: { call: number; reply: number; isLate: boolean };
}

/** More than orders in which builders can be known. */
export const MAX_VIEWS = 4_096;

/** Numbers what actors wait for. An interner that needs no text in the common case. */
export class WaitingTable {
  readonly #ids = new Map<number, number>();
  readonly #late = new Map<string, number>();
  readonly #values: Waiting[] = [];

  idOf(waiting: Waiting): number {
    const { node, age, view, late } = waiting;
    const place = (node * TIMEOUT_STEPS + age) * MAX_VIEWS + view;
    if (!late) return numbered(place, waiting, this.#ids, this.#values);
    return numbered(`${place} ${late.call} ${late.reply} ${late.isLate}`, waiting, this.#late, this.#values);
  }

  valueOf(id: number): Waiting {
    return this.#values[id - 1] as Waiting;
  }
}

function numbered<K, V>(key: K, value: V, ids: Map<K, number>, values: V[]): number {
  const known = ids.get(key);
  if (known !== undefined) return known;
  values.push(value);
  ids.set(key, values.length);
  return values.length;
}
