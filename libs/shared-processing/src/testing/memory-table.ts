import type { Condition, Item, LedgerTable, WriteResult } from '../ledger/table.ts';

/** The ledger's table in memory, which responds like DynamoDB. Tests may read and change `items`. */
export interface MemoryTable extends LedgerTable {
  items: Map<string, Item>;
}

export function memoryTable(): MemoryTable {
  const items = new Map<string, Item>();
  const write = (id: string, condition: Condition | undefined, change: () => void): WriteResult => {
    const existing = items.get(id);
    if (condition && !holds(condition, existing))
      return { kind: 'refused', existing: existing && { ...existing } };
    change();
    return { kind: 'written' };
  };
  return {
    items,
    get: async (id) => {
      const item = items.get(id);
      return item && { ...item };
    },
    put: async (item, condition) => write(item.id, condition, () => items.set(item.id, { ...item })),
    delete: async (id, condition) => write(id, condition, () => items.delete(id)),
  };
}

/** Whether an item meets a condition. As in DynamoDB, a comparison with a missing attribute is false. */
function holds(condition: Condition, item: Item | undefined): boolean {
  if (condition.kind === 'absent') return item === undefined;
  return Object.entries(condition.attributes).every(([name, value]) => item?.[name] === value);
}
