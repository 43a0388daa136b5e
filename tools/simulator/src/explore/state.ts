/**
 * A state of a small world: one number per cell, 0 if the cell is empty. Its hash is the exclusive or over all cells, so that changing
 * one cell costs the same however many there are.
 */
export class State {
  // A plain array: V8 copies short ones faster than typed arrays.
  readonly cells: number[];
  /** Two halves of a 64-bit hash. */
  high: number;
  low: number;
  /** Position in the search's record of paths. */
  path: number;

  constructor(cells: number[], high: number, low: number, path: number) {
    this.cells = cells;
    this.high = high;
    this.low = low;
    this.path = path;
  }

  copy(): State {
    return new State(this.cells.slice(), this.high, this.low, this.path);
  }

  get(cell: number): number {
    return this.cells[cell] as number;
  }

  set(cell: number, value: number): void {
    const old = this.cells[cell] as number;
    if (old === value) return;
    if (old !== 0) this.#toggle(cell, old);
    if (value !== 0) this.#toggle(cell, value);
    this.cells[cell] = value;
  }

  #toggle(cell: number, value: number): void {
    this.high ^= mixed(Math.imul(value, 0x9e3779b1) ^ Math.imul(cell + 1, 0x85ebca6b));
    this.low ^= mixed(Math.imul(value, 0xc2b2ae35) + Math.imul(cell + 1, 0x27d4eb2f));
  }
}

/** The finalizer of MurmurHash3. */
export function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Numbers the cells of a world by name. */
export class Layout {
  readonly names: string[] = [];
  readonly #cells = new Map<string, number>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** @throws if the world has more cells than it was made for */
  cell(name: string): number {
    const known = this.#cells.get(name);
    if (known !== undefined) return known;
    const cell = this.names.length;
    if (cell === this.#capacity) throw new Error(`a state has no cell left for ${name}`);
    this.#cells.set(name, cell);
    this.names.push(name);
    return cell;
  }

  emptyState(): State {
    return new State(new Array<number>(this.#capacity).fill(0), 0, 0, 0);
  }
}

const FIRST_SLOTS = 1 << 16;

/** A set of 64-bit hashes: open addressing in one array, because millions of them are kept. */
export class HashSet64 {
  #slots = new Int32Array(2 * FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  size = 0;

  /** Adds a hash. Returns whether it was not there. */
  add(high: number, low: number): boolean {
    if (2 * this.size > this.#mask) this.#grow();
    // All zeros mark a free slot.
    return this.#put(high, high === 0 && low === 0 ? 1 : low);
  }

  has(high: number, low: number): boolean {
    const wanted = high === 0 && low === 0 ? 1 : low;
    const slots = this.#slots;
    for (let at = wanted & this.#mask; ; at = (at + 1) & this.#mask) {
      const a = slots[2 * at];
      const b = slots[2 * at + 1];
      if (a === 0 && b === 0) return false;
      if (a === high && b === wanted) return true;
    }
  }

  #put(high: number, low: number): boolean {
    const slots = this.#slots;
    for (let at = low & this.#mask; ; at = (at + 1) & this.#mask) {
      const a = slots[2 * at];
      const b = slots[2 * at + 1];
      if (a === high && b === low) return false;
      if (a !== 0 || b !== 0) continue;
      slots[2 * at] = high;
      slots[2 * at + 1] = low;
      this.size++;
      return true;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(2 * old.length);
    this.#mask = 2 * this.#mask + 1;
    this.size = 0;
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at] as number;
      const low = old[at + 1] as number;
      if (high !== 0 || low !== 0) this.#put(high, low);
    }
  }
}
