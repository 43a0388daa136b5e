import type { Message } from './sqs-event.ts';

/** A message with its record in the event. */
export interface BatchItem {
  readonly message: Message;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly record: string;
}

export interface CollectOptions {
  /** Maximum number of messages in a batch. */
  readonly size: number;
  /** Batching window: how long to collect messages after the first, in milliseconds. */
  readonly windowMs: number;
  /** Maximum size of an event in bytes: Lambda limits a request to 6 MB. */
  readonly maxBytes: number;
  /** Receives up to `count` messages, and waits up to `waitMs` milliseconds for the first. */
  readonly receive: (count: number, waitMs: number) => Promise<BatchItem[]>;
  readonly stopped: () => boolean;
  readonly now: () => number;
}

/** Short, so that stopping and pausing need not wait long for a poll. */
const longPollMs = 1000;
/** `{"Records":[]}`; each record adds a comma. */
const overheadBytes = 16;

/**
 * Collects one batch. It is closed when it has enough messages or bytes, or when its window ends.
 *
 * @param leftOver messages that did not fit into the previous batch; they come first
 * @returns the batch, and the messages that did not fit; both empty once `stopped`
 */
export async function collectBatch(
  leftOver: readonly BatchItem[],
  { size, windowMs, maxBytes, receive, stopped, now }: CollectOptions,
): Promise<{ batch: BatchItem[]; rest: BatchItem[] }> {
  const batch: BatchItem[] = [];
  let bytes = overheadBytes;
  let closesAt: number | undefined;

  /** Adds the items that fit, and returns the others. */
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
