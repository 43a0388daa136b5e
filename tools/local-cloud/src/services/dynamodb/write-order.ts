import * as v from 'valibot';

const attributes = v.record(v.string(), v.unknown());
const single = v.object({
  TableName: v.string(),
  Key: v.optional(attributes),
  Item: v.optional(attributes),
});
const batch = v.object({
  RequestItems: v.record(
    v.string(),
    v.array(
      v.object({
        PutRequest: v.optional(v.object({ Item: attributes })),
        DeleteRequest: v.optional(v.object({ Key: attributes })),
      }),
    ),
  ),
});

export type Attributes = v.InferOutput<typeof attributes>;

/** An item that a request writes, identified by table and key. */
export interface WriteTarget {
  readonly table: string;
  readonly key: Attributes;
}

/**
 * The items written by a PutItem, UpdateItem, DeleteItem or BatchWriteItem. Empty for anything else, which the service
 * will refuse.
 *
 * @param keysOf returns the names of a table's key attributes
 */
export function writeTargets(request: unknown, keysOf: (table: string) => readonly string[]): WriteTarget[] {
  const keyIn = (table: string, item: Attributes) =>
    Object.fromEntries(keysOf(table).map((name) => [name, item[name]]));
  const one = v.safeParse(single, request);
  if (one.success) {
    const { TableName: table, Key, Item } = one.output;
    const item = Key ?? Item;
    return item ? [{ table, key: keyIn(table, item) }] : [];
  }
  const many = v.safeParse(batch, request);
  if (!many.success) return [];
  return Object.entries(many.output.RequestItems).flatMap(([table, writes]) =>
    writes.flatMap(({ PutRequest, DeleteRequest }) => {
      const item = PutRequest?.Item ?? DeleteRequest?.Key;
      return item ? [{ table, key: keyIn(table, item) }] : [];
    }),
  );
}

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
