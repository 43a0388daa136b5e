import { builderIn, renamed } from './calls.ts';
import type { Services } from './services.ts';
import type { State } from './state.ts';
import { type Layout, mixed } from './state.ts';

/** How values change that name builders, when these get other numbers. */
export interface Renaming {
  /** The new number of a builder. */
  numberOf: (builder: number) => number;
  cells: Map<number, number>;
  values: Map<number, Map<number, number>>;
}

/** What a cell holds. */
type CellKind = 'item' | 'manifest' | 'plain';

interface CellInfo {
  kind: CellKind;
  /** The builder in the cell's name. */
  owner: number | undefined;
  /** Equal for cells that differ only in the builder. */
  likeness: number;
}

export interface SymmetryPorts {
  layout: Layout;
  services: Services;
  /** The cell of each interchangeable builder, by its number; the numbers follow each other from 1. */
  actors: readonly number[];
  pool: number;
  /** A builder's value without the builders that it knows, and with other numbers for them. */
  likenessOfActor: (value: number) => number;
  renameActor: (value: number, renaming: Renaming) => number;
  /** The builders whose calls are on their way, with a number for what they are. */
  ownersInPool: (value: number) => readonly (readonly [owner: number, likeness: number])[];
  renamePool: (value: number, renaming: Renaming) => number;
}

/**
 * Builders that differ only in their numbers make states that differ only in them. Of these, the search visits one: builders are sorted by
 * how the world looks to them, and those that have not started are last.
 */
export class Symmetry {
  readonly #ports: SymmetryPorts;
  readonly #infos: CellInfo[] = [];
  readonly #renamings = new Map<string, Renaming>();
  readonly #likeItems = new Map<number, { owner: number | undefined; likeness: number }>();
  readonly #likenesses = new Map<string, number>();

  constructor(ports: SymmetryPorts) {
    this.#ports = ports;
  }

  /** The state that stands for this one, and how builders were renamed; undefined if it stands for itself. */
  representative(state: State): { state: State; renaming: Renaming } | undefined {
    const { actors } = this.#ports;
    const looks = this.#looksOf(state);
    let isSorted = true;
    for (let builder = 1; builder < actors.length; builder++) {
      if ((looks[builder] as number) < (looks[builder + 1] as number)) isSorted = false;
    }
    if (isSorted) return undefined;
    const order = actors
      .map((_, index) => index + 1)
      .sort((a, b) => (looks[b] as number) - (looks[a] as number));
    const renaming = this.#renamingTo(order);
    return { state: this.#rename(state, renaming), renaming };
  }

  /** A number for each builder, from what concerns it in the state; the lowest for one that has not started. */
  #looksOf(state: State): number[] {
    const { actors, pool } = this.#ports;
    const looks = new Array<number>(actors.length + 1).fill(0);
    const add = (builder: number | undefined, what: number, value: number) => {
      if (builder === undefined || builder > actors.length) return;
      looks[builder] = ((looks[builder] as number) + mixed(Math.imul(what + 1, 0x85ebca6b) ^ value)) | 0;
    };
    const { cells } = state;
    for (let cell = 0; cell < this.#ports.layout.names.length; cell++) {
      const value = cells[cell] as number;
      if (value === 0) continue;
      const info = this.#infoOf(cell);
      if (info.owner !== undefined) {
        const likeness =
          info.kind === 'item' ? this.#likeItem(value).likeness : info.kind === 'manifest' ? 1 : value;
        add(info.owner, info.likeness, likeness);
      } else if (info.kind === 'item') {
        const { owner, likeness } = this.#likeItem(value);
        add(owner, info.likeness, likeness);
      }
    }
    if (state.get(pool) !== 0) {
      for (const [owner, likeness] of this.#ports.ownersInPool(state.get(pool))) add(owner, -7, likeness);
    }
    for (const [index, cell] of actors.entries()) {
      const value = state.get(cell);
      if (value === 0) looks[index + 1] = -Infinity;
      else add(index + 1, -9, this.#ports.likenessOfActor(value));
    }
    return looks;
  }

  #infoOf(cell: number): CellInfo {
    const known = this.#infos[cell];
    if (known) return known;
    const name = this.#ports.layout.names[cell] ?? '';
    const kind = name.startsWith('item ') ? 'item' : name.startsWith('archive/') ? 'manifest' : 'plain';
    const info: CellInfo = { kind, owner: builderIn(name), likeness: this.#likenessOf(name) };
    this.#infos[cell] = info;
    return info;
  }

  #likenessOf(text: string): number {
    const neutral = renamed(text, () => 0);
    const known = this.#likenesses.get(neutral) ?? this.#likenesses.size + 1;
    this.#likenesses.set(neutral, known);
    return known;
  }

  #likeItem(value: number) {
    const known = this.#likeItems.get(value);
    if (known) return known;
    const text = JSON.stringify(this.#ports.services.items.valueOf(value));
    const like = { owner: builderIn(text), likeness: this.#likenessOf(text) };
    this.#likeItems.set(value, like);
    return like;
  }

  /** @param order builders, by their new numbers */
  #renamingTo(order: readonly number[]): Renaming {
    const key = order.join();
    const known = this.#renamings.get(key);
    if (known) return known;
    const numbers = new Map(order.map((builder, index) => [builder, index + 1]));
    const renaming: Renaming = {
      numberOf: (builder) => numbers.get(builder) ?? builder,
      cells: new Map(),
      values: new Map(),
    };
    for (const [index, builder] of order.entries())
      renaming.cells.set(this.#ports.actors[builder - 1] as number, this.#ports.actors[index] as number);
    this.#renamings.set(key, renaming);
    return renaming;
  }

  #rename(state: State, renaming: Renaming): State {
    const { layout } = this.#ports;
    const next = layout.emptyState();
    next.path = state.path;
    for (let cell = 0; cell < state.cells.length; cell++) {
      const value = state.get(cell);
      if (value !== 0) next.set(this.#cellAfter(cell, renaming), this.#valueAfter(cell, value, renaming));
    }
    return next;
  }

  #cellAfter(cell: number, renaming: Renaming): number {
    const known = renaming.cells.get(cell);
    if (known !== undefined) return known;
    const { layout } = this.#ports;
    const after = layout.cell(renamed(layout.names[cell] ?? '', renaming.numberOf));
    renaming.cells.set(cell, after);
    return after;
  }

  #valueAfter(cell: number, value: number, renaming: Renaming): number {
    const { actors, pool, services } = this.#ports;
    if (actors.includes(cell)) return this.#ports.renameActor(value, renaming);
    if (cell === pool) return this.#ports.renamePool(value, renaming);
    const { kind } = this.#infoOf(cell);
    if (kind === 'plain') return value;
    const kinds = kind === 'item' ? 0 : 1;
    const values = renaming.values.get(kinds) ?? new Map<number, number>();
    renaming.values.set(kinds, values);
    const known = values.get(value);
    if (known !== undefined) return known;
    const rename = (text: string) => renamed(text, renaming.numberOf);
    const after =
      kind === 'item'
        ? services.items.idOf(JSON.parse(rename(JSON.stringify(services.items.valueOf(value)))))
        : services.versions.idOf(
            services.versions
              .valueOf(value)
              .map((content) => (content === 0 ? 0 : services.contents.renamed(content, rename))),
          );
    values.set(value, after);
    return after;
  }
}
