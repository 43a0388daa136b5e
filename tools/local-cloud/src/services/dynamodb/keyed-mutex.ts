/** Runs a task once every earlier task that has one of its keys has ended; tasks without a common key run side by side. */
export type KeyedMutex = <T>(keys: readonly string[], task: () => Promise<T>) => Promise<T>;

export function createKeyedMutex(): KeyedMutex {
  const last = new Map<string, Promise<unknown>>();
  return (keys, task) => {
    const before = keys.map((key) => last.get(key));
    const mine = Promise.allSettled(before).then(task);
    const forget = () => {
      for (const key of keys) if (last.get(key) === settled) last.delete(key);
    };
    const settled = mine.then(forget, forget);
    for (const key of keys) last.set(key, settled);
    return mine;
  };
}
