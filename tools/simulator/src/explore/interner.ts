/** Gives equal values one small number each, from 1, so that states are arrays of numbers and compare cheaply. */
export class Interner<T> {
  readonly #ids = new Map<string, number>();
  readonly #values: T[] = [];

  idOf(value: T): number {
    const key = JSON.stringify(value);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#values.push(value);
    this.#ids.set(key, this.#values.length);
    return this.#values.length;
  }

  /** @throws if no value has this number */
  valueOf(id: number): T {
    if (id < 1 || id > this.#values.length) throw new Error(`nothing has the number ${id}`);
    return this.#values[id - 1] as T;
  }

  get size(): number {
    return this.#values.length;
  }
}
