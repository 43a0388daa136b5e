/** An item of the ledger's table. `id` is its key; `expires` (seconds since the epoch) lets DynamoDB remove it. */
export interface Item {
  id: string;
  expires: number;
  [attribute: string]: string | number | Uint8Array | undefined;
}

/** The condition that the existing item must meet for a write to happen. */
export type Condition = { kind: 'absent' } | { kind: 'equals'; attributes: Record<string, string | number> };

/** `existing` is the item that did not meet the condition; undefined if it no longer exists. */
export type WriteResult = { kind: 'written' } | { kind: 'refused'; existing: Item | undefined };

/**
 * The ledger's operations on DynamoDB. Every call is one attempt. It throws CallError if it fails; a condition that is not
 * met is a result, not an error.
 */
export interface LedgerTable {
  /** A strongly consistent read. */
  get(id: string): Promise<Item | undefined>;
  put(item: Item, condition?: Condition): Promise<WriteResult>;
  delete(id: string, condition: Condition): Promise<WriteResult>;
}
