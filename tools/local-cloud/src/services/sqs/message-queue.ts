import { randomBytes } from 'node:crypto';
import { ApiError } from '../../apis/api.ts';
import { createDueTimes } from './due-times.ts';
import { createMessage, type NewMessage, type StoredMessage } from './message.ts';

export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly visibilitySeconds: number;
  readonly retentionSeconds: number;
  readonly delaySeconds: number;
  /** Undefined: messages are received again until their retention ends. */
  readonly redrive: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | undefined;
}

export interface QueueSurroundings {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Maximum number of messages in flight. */
  readonly inFlightLimit: number;
  readonly queueOf: (arn: string) => MessageQueue | undefined;
}

export interface Depth {
  readonly visible: number;
  /** Received, and hidden until their visibility timeout ends. */
  readonly inFlight: number;
  /** Sent, and not yet receivable for the first time. */
  readonly delayed: number;
}

export interface Receipt {
  readonly message: StoredMessage;
  readonly handle: string;
}

export interface ReceiveOptions {
  /** 1 to 10. */
  readonly max: number;
  /** Undefined: the queue's visibility timeout. */
  readonly visibilitySeconds: number | undefined;
  /** 0 is short polling. */
  readonly waitMs: number;
}

/** A standard queue, in memory. */
export interface MessageQueue {
  /** @param delaySeconds undefined: the queue's delay */
  readonly send: (message: NewMessage, delaySeconds: number | undefined) => StoredMessage;
  /** @throws ApiError `OverLimit` with short polling, if too many messages are in flight */
  readonly receive: (options: ReceiveOptions) => Promise<Receipt[]>;
  /** @throws ApiError `ReceiptHandleIsInvalid` */
  readonly remove: (handle: string) => void;
  /** @throws ApiError `ReceiptHandleIsInvalid`, `InvalidParameterValue`, `MessageNotInflight` */
  readonly changeVisibility: (handle: string, seconds: number) => void;
  /** Takes over a message that another queue's redrive policy moves here. */
  readonly accept: (message: StoredMessage) => void;
  readonly depth: () => Depth;
  /** See `ApproximateAgeOfOldestMessage`. Milliseconds since the epoch; undefined if no message counts. */
  readonly oldestSince: () => number | undefined;
  readonly purge: () => void;
  /** Ends long polls. */
  readonly close: () => void;
}

/**
 * Maximum number of messages in flight in a standard queue.
 * Source: "Amazon SQS message quotas" (Amazon SQS Developer Guide).
 */
export const standardInFlightLimit = 120_000;

/** "Amazon SQS visibility timeout" (Amazon SQS Developer Guide): 12 hours from the receive, however often it is changed. */
const longestVisibilitySeconds = 43_200;

/**
 * Receives after which a message is no longer counted in `ApproximateAgeOfOldestMessage`.
 * Source: "Available CloudWatch metrics for Amazon SQS" (Amazon SQS Developer Guide).
 */
const receivesThatAge = 3;

interface Entry {
  readonly message: StoredMessage;
  /** When it arrived in this queue; for a dead letter, when it was moved. */
  readonly since: number;
  state: keyof Depth;
  /** When the delay or the visibility timeout ends. */
  until: number;
  receivedAt: number;
  /** The latest receipt handle. */
  handle: string | undefined;
}

/**
 *     send ──delay──▶ delayed ──▶ visible ◀── timeout, or changed to 0 ── in flight
 *       └──no delay───────────────▶ │ ────────────── receive ────────────────▶ │
 *                                   │                                          └── delete
 *                                   └── received maxReceiveCount times: dead-letter queue
 *
 * In every state, a message disappears when its retention ends.
 */
export function createMessageQueue(settings: QueueSettings, surroundings: QueueSurroundings): MessageQueue {
  const { now, inFlightLimit, queueOf } = surroundings;
  const entries = new Map<string, Entry>();
  const counts = { visible: 0, inFlight: 0, delayed: 0 };
  /** Visible messages in the order in which they became visible, and some that are no longer visible. */
  let line: Entry[] = [];
  let head = 0;
  let due = createDueTimes();
  /** No message expires earlier. */
  let expiresFrom = Infinity;
  const waiting = new Set<() => void>();
  let closed = false;

  const expiresAt = ({ message }: Entry) => message.sentAt + settings.retentionSeconds * 1000;

  function wake(): void {
    for (const wakeOne of waiting) wakeOne();
  }

  function enter(entry: Entry, state: keyof Depth, until: number): void {
    counts[entry.state]--;
    counts[state]++;
    entry.state = state;
    entry.until = until;
    if (state === 'visible') {
      line.push(entry);
      wake();
    } else {
      due.add(until, entry.message.id);
      forgetStaleTimes();
    }
  }

  /** Deleted and changed messages leave outdated times in the heap. Rebuilds it once these are too many. */
  function forgetStaleTimes(): void {
    if (due.size() < 1000 + 2 * entries.size) return;
    due = createDueTimes();
    for (const { state, until, message } of entries.values())
      if (state !== 'visible') due.add(until, message.id);
  }

  function add(message: StoredMessage, delayMs: number): void {
    const since = now();
    const entry: Entry = { message, since, state: 'visible', until: since, receivedAt: 0, handle: undefined };
    entries.set(message.id, entry);
    counts.visible++;
    expiresFrom = Math.min(expiresFrom, expiresAt(entry));
    if (delayMs > 0) enter(entry, 'delayed', since + delayMs);
    else {
      line.push(entry);
      wake();
    }
  }

  function drop(entry: Entry): void {
    entries.delete(entry.message.id);
    counts[entry.state]--;
    if (entry.state === 'inFlight') wake();
  }

  /** Updates every message's state to the current time. */
  function advance(): void {
    const time = now();
    if (expiresFrom <= time) {
      expiresFrom = Infinity;
      for (const entry of entries.values()) {
        if (expiresAt(entry) <= time) drop(entry);
        else expiresFrom = Math.min(expiresFrom, expiresAt(entry));
      }
    }
    for (let next = due.next(); next !== undefined && next <= time; next = due.next()) {
      const entry = entries.get(due.take()?.id ?? '');
      if (entry && entry.state !== 'visible' && entry.until === next) enter(entry, 'visible', next);
    }
  }

  /** The message that has been visible for longest. */
  function shift(): Entry | undefined {
    for (; head < line.length; head++) {
      const entry = line[head];
      if (entry?.state !== 'visible' || entries.get(entry.message.id) !== entry) continue;
      head++;
      return entry;
    }
    line = [];
    head = 0;
    return undefined;
  }

  /** Moves a message that was received too often. Returns whether it did. */
  function redrive(entry: Entry): boolean {
    const { redrive: policy } = settings;
    if (!policy || entry.message.receiveCount < policy.maxReceiveCount) return false;
    const deadLetters = queueOf(policy.deadLetterArn);
    if (!deadLetters) return false;
    drop(entry);
    entry.message.deadLetterSource = settings.arn;
    deadLetters.accept(entry.message);
    return true;
  }

  function take({ max, visibilitySeconds = settings.visibilitySeconds }: ReceiveOptions): Receipt[] {
    advance();
    const receipts: Receipt[] = [];
    const time = now();
    while (receipts.length < max && counts.inFlight < inFlightLimit) {
      const entry = shift();
      if (!entry) break;
      if (redrive(entry)) continue;
      const { message } = entry;
      message.receiveCount++;
      message.firstReceivedAt ??= time;
      entry.receivedAt = time;
      const handle = Buffer.from(
        JSON.stringify([settings.name, message.id, randomBytes(6).toString('hex')]),
      ).toString('base64');
      entry.handle = handle;
      enter(entry, 'inFlight', time + visibilitySeconds * 1000);
      receipts.push({ message, handle });
    }
    // Drop the taken entries once they are more than half of the list.
    if (head > 1000 && head * 2 > line.length) {
      line = line.slice(head);
      head = 0;
    }
    return receipts;
  }

  /** Resolves when the queue changes, at the latest at the given time. */
  async function changed(until: number): Promise<void> {
    const ms = Math.max(1, Math.min(until, due.next() ?? Infinity) - now());
    await new Promise<void>((resolve) => {
      const wakeOne = () => {
        clearTimeout(timer);
        waiting.delete(wakeOne);
        resolve();
      };
      const timer = setTimeout(wakeOne, ms);
      waiting.add(wakeOne);
    });
  }

  /** The message of a receipt handle; undefined if it was deleted, or received again since. */
  function find(handle: string): Entry | undefined {
    let parts: unknown;
    try {
      parts = JSON.parse(Buffer.from(handle, 'base64').toString());
    } catch {
      parts = undefined;
    }
    if (!Array.isArray(parts) || parts[0] !== settings.name) {
      throw new ApiError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${handle}" is not a valid receipt handle.`,
        404,
      );
    }
    const entry = entries.get(String(parts[1]));
    return entry?.handle === handle ? entry : undefined;
  }

  return {
    send: (content, delaySeconds = settings.delaySeconds) => {
      const message = createMessage(content, now());
      add(message, delaySeconds * 1000);
      return message;
    },
    receive: async (options) => {
      const until = now() + options.waitMs;
      for (;;) {
        const receipts = take(options);
        if (receipts.length > 0) return receipts;
        // Only a short poll fails at the limit; a long poll waits. Source: "Amazon SQS message quotas".
        if (options.waitMs === 0 && counts.inFlight >= inFlightLimit) {
          const reason = `The maximum number of in flight messages is reached: ${inFlightLimit}.`;
          throw new ApiError('OverLimit', reason, 403);
        }
        if (closed || now() >= until) return [];
        await changed(until);
      }
    },
    // "DeleteMessage" (API Reference): a message is deleted even if its visibility timeout has ended.
    remove: (handle) => {
      advance();
      const entry = find(handle);
      if (entry) drop(entry);
    },
    changeVisibility: (handle, seconds) => {
      advance();
      const entry = find(handle);
      if (!entry) {
        const reason = 'Message does not exist or is not available for visibility timeout change.';
        throw new ApiError(
          'InvalidParameterValue',
          `Value ${handle} for parameter ReceiptHandle is invalid. Reason: ${reason}`,
        );
      }
      if (entry.state !== 'inFlight') {
        throw new ApiError('MessageNotInflight', "The specified message isn't in flight.");
      }
      const until = now() + seconds * 1000;
      if (until > entry.receivedAt + longestVisibilitySeconds * 1000) {
        const reason = `Total VisibilityTimeout for the message is beyond the limit [${longestVisibilitySeconds} seconds]`;
        throw new ApiError(
          'InvalidParameterValue',
          `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: ${reason}`,
        );
      }
      enter(entry, seconds === 0 ? 'visible' : 'inFlight', until);
    },
    accept: (message) => add(message, 0),
    depth: () => {
      advance();
      return { ...counts };
    },
    oldestSince: () => {
      advance();
      let oldest: number | undefined;
      for (const { message, since } of entries.values()) {
        // A dead letter is counted from its move: "Setting-up dead-letter queue retention in Amazon SQS".
        if (message.deadLetterSource === undefined && message.receiveCount >= receivesThatAge) continue;
        if (oldest === undefined || since < oldest) oldest = since;
      }
      return oldest;
    },
    purge: () => {
      for (const entry of [...entries.values()]) drop(entry);
      due = createDueTimes();
    },
    close: () => {
      closed = true;
      wake();
    },
  };
}
