/**
 * Runs a task once all earlier tasks that share a key with it have ended. Tasks without a common key run concurrently.
 */
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
