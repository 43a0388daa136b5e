/** Numbers ordered by a key, the lowest first; equal keys in no particular order. Two numbers an entry, because there can be millions. */
export class Heap {
  readonly #keys: number[] = [];
  readonly #values: number[] = [];

  get size(): number {
    return this.#keys.length;
  }

  get lowestKey(): number | undefined {
    return this.#keys[0];
  }

  push(key: number, value: number): void {
    let at = this.#keys.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#key(parent) <= key) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#keys[at] = key;
    this.#values[at] = value;
  }

  pop(): { key: number; value: number } | undefined {
    const [key] = this.#keys;
    const [value = 0] = this.#values;
    const lastKey = this.#keys.pop();
    const lastValue = this.#values.pop() ?? 0;
    if (key === undefined || lastKey === undefined) return undefined;
    const size = this.#keys.length;
    if (size === 0) return { key, value };
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#key(child + 1) < this.#key(child)) child++;
      if (this.#key(child) >= lastKey) break;
      this.#move(child, at);
      at = child;
    }
    this.#keys[at] = lastKey;
    this.#values[at] = lastValue;
    return { key, value };
  }

  #key(at: number): number {
    return this.#keys[at] ?? Infinity;
  }

  #move(from: number, to: number): void {
    this.#keys[to] = this.#keys[from] ?? Infinity;
    this.#values[to] = this.#values[from] ?? 0;
  }
}
