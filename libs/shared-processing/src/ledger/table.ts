/** An item of the ledger's table. `id` is its key; `expires` (seconds since the epoch) lets DynamoDB remove it. */
export interface Item {
  id: string;
  expires: number;
  [attribute: string]: string | number | Uint8Array | undefined;
}

/** What must be true of the item in the table for a write to happen. */
export type Condition = { kind: 'absent' } | { kind: 'equals'; attributes: Record<string, string | number> };

/** `existing` is the item that stood in the way; undefined where it has gone in the meantime. */
export type WriteResult = { kind: 'written' } | { kind: 'refused'; existing: Item | undefined };

/**
 * The few things that the ledger asks of DynamoDB. Every call is one attempt and throws CallError where its outcome is
 * not stated; a condition that does not hold is an answer, not an error.
 */
export interface LedgerTable {
  /** A strongly consistent read. */
  get(id: string): Promise<Item | undefined>;
  put(item: Item, condition?: Condition): Promise<WriteResult>;
  delete(id: string, condition: Condition): Promise<WriteResult>;
}
