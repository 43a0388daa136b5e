/** Ids with due times: a binary heap, the earliest first. */
export interface DueTimes {
  readonly add: (at: number, id: string) => void;
  /** The earliest time, ms since the epoch; undefined if there is none. */
  readonly next: () => number | undefined;
  /** Removes and returns the id that is due first. */
  readonly take: () => { readonly at: number; readonly id: string } | undefined;
  readonly size: () => number;
}

export function createDueTimes(): DueTimes {
  const heap: { readonly at: number; readonly id: string }[] = [];
  const at = (index: number) => heap[index]?.at ?? Infinity;

  function swap(a: number, b: number): void {
    const [first, second] = [heap[a], heap[b]];
    if (first && second) [heap[a], heap[b]] = [second, first];
  }

  function sink(index: number): void {
    for (let parent = index; ;) {
      const left = 2 * parent + 1;
      const child = at(left + 1) < at(left) ? left + 1 : left;
      if (at(child) >= at(parent)) return;
      swap(parent, child);
      parent = child;
    }
  }

  return {
    add: (time, id) => {
      let index = heap.push({ at: time, id }) - 1;
      for (let parent = (index - 1) >> 1; index > 0 && at(parent) > at(index); parent = (index - 1) >> 1) {
        swap(parent, index);
        index = parent;
      }
    },
    next: () => heap[0]?.at,
    take: () => {
      swap(0, heap.length - 1);
      const taken = heap.pop();
      sink(0);
      return taken;
    },
    size: () => heap.length,
  };
}
