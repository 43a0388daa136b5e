import type { Message } from './sqs-event.ts';

/** A message with the record it becomes in the event. */
export interface BatchItem {
  readonly message: Message;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly record: string;
}

export interface CollectOptions {
  /** Most messages in a batch. */
  readonly size: number;
  /** How long messages are gathered, from the first on, in milliseconds. */
  readonly windowMs: number;
  /** Bytes that an event may have: Lambda's limit of 6 MB for a request. */
  readonly maxBytes: number;
  /** Up to that many messages; waits that many milliseconds for the first one. */
  readonly receive: (count: number, waitMs: number) => Promise<BatchItem[]>;
  readonly stopped: () => boolean;
  readonly now: () => number;
}

/** Short, so that neither stopping nor pausing has to wait long for a poll. */
const longPollMs = 1000;
/** `{"Records":[]}` and a comma a record. */
const overheadBytes = 16;

/**
 * Gathers one batch: closed when it has enough messages or bytes, or when its window is over.
 *
 * @param leftOver received for the last batch, where it found no room; they come first
 * @returns the batch, and what did not fit into it; empty once `stopped`
 */
export async function collectBatch(
  leftOver: readonly BatchItem[],
  { size, windowMs, maxBytes, receive, stopped, now }: CollectOptions,
): Promise<{ batch: BatchItem[]; rest: BatchItem[] }> {
  const batch: BatchItem[] = [];
  let bytes = overheadBytes;
  let closesAt: number | undefined;

  /** Takes what fits; returns what does not. */
  function add(items: readonly BatchItem[]): BatchItem[] {
    for (const [index, item] of items.entries()) {
      const more = Buffer.byteLength(item.record) + 1;
      if (batch.length === size || (batch.length > 0 && bytes + more > maxBytes)) return items.slice(index);
      batch.push(item);
      bytes += more;
      closesAt ??= now() + windowMs;
    }
    return [];
  }

  let rest = add(leftOver);
  while (rest.length === 0 && batch.length < size && !stopped()) {
    const waitMs = Math.min(longPollMs, closesAt === undefined ? longPollMs : closesAt - now());
    const items = await receive(Math.min(10, size - batch.length), Math.max(0, waitMs));
    rest = add(items);
    if (closesAt !== undefined && now() >= closesAt) break;
  }
  return { batch, rest };
}
