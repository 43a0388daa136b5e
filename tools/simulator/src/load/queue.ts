import type { VisibilityChange } from '@data-aggregator/shared-processing/sqs';
import type { Arrivals } from './arrivals.ts';
import { Heap } from './heap.ts';

/** A message that a poller holds. */
export interface Received {
  file: number;
  /** This time included. */
  receives: number;
  receiptHandle: string;
  /** When it becomes visible again, ms from the start. */
  until: number;
}

export interface QueueOptions {
  arrivals: Arrivals;
  /** Which of the queues it is, from 0: a file's notification goes to one of them by turns. */
  index: number;
  queues: number;
  visibilityMs: number;
  maxReceives: number;
  /** Simulated messages. */
  maxInFlight: number;
  /** When S3's notification of a file reaches the queue, in ms after landing. */
  notificationMs: (file: number) => number;
  usualNotificationMs: number;
  /** When a file's notification is delivered a second time although it is deleted, in ms; undefined: never. */
  repeatedAfterMs: (file: number) => number | undefined;
}

/** The most receives that are counted; SQS moves a message after a thousand at the latest. */
const MAX_COUNTED = 2048;

/**
 * A standard queue for millions of messages. Messages that nobody has received yet take no memory: they are a range of files. Received ones
 * that come back are two numbers each. Messages are received in the order in which they became visible.
 *
 *     files      0 … deleted … │ fresh … landed and notified │ not landed yet
 *                in flight, or hidden until a moment         ↑ first fresh file
 */
export class LoadQueue {
  readonly #options: QueueOptions;
  /** The first file that nobody has received. */
  #fresh: number;
  /** Hidden messages that return by themselves, by the moment. */
  readonly #hidden = new Heap();
  /** Messages that are visible again, in the order of that. */
  #returned: { since: number; packed: number }[] = [];
  #firstReturned = 0;
  readonly #inFlight = new Map<string, Received>();
  #hiddenInFlight = 0;
  /** Files with more than one message. */
  readonly #copies = new Map<number, number>();
  deadLetters = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#fresh = options.index;
  }

  /** Messages that are received and not deleted, or hidden. */
  get inFlight(): number {
    return this.#inFlight.size + this.#hiddenInFlight;
  }

  /** Whether every message was deleted or moved to the dead letters. */
  get isDone(): boolean {
    const waiting = this.#hidden.size + this.#returned.length - this.#firstReturned;
    return this.#fresh >= this.#options.arrivals.files && this.#inFlight.size + waiting === 0;
  }

  get isFull(): boolean {
    return this.inFlight >= this.#options.maxInFlight;
  }

  /** Visible messages. @param now ms from the start, as in all methods */
  visible(now: number): number {
    this.#show(now);
    const { arrivals, usualNotificationMs, queues } = this.#options;
    const notified = arrivals.landedBy(now - usualNotificationMs);
    return (
      Math.max(0, Math.ceil((notified - this.#fresh) / queues)) + this.#returned.length - this.#firstReturned
    );
  }

  /** When the next message becomes visible; now if one is. */
  nextVisible(now: number): number {
    const { arrivals, usualNotificationMs } = this.#options;
    if (this.#firstReturned < this.#returned.length) return now;
    const fresh =
      this.#fresh < arrivals.files ? arrivals.landedAt(this.#fresh) + usualNotificationMs : Infinity;
    return Math.max(now, Math.min(fresh, this.#hidden.lowestKey ?? Infinity));
  }

  /** Receives at most so many messages. */
  receive(max: number, now: number): Received[] {
    this.#show(now);
    const { visibilityMs, maxReceives } = this.#options;
    const received: Received[] = [];
    while (received.length < max && !this.isFull) {
      const packed = this.#next(now);
      if (packed === undefined) break;
      const file = Math.floor(packed / MAX_COUNTED);
      const receives = (packed % MAX_COUNTED) + 1;
      if (receives > maxReceives) {
        this.deadLetters++;
        continue;
      }
      const message = { file, receives, receiptHandle: `${file}#${receives}`, until: now + visibilityMs };
      this.#inFlight.set(message.receiptHandle, message);
      received.push(message);
      if (receives === 1) this.#repeat(file, now);
    }
    return received;
  }

  /** Changes when messages become visible again. */
  changeVisibility(changes: readonly VisibilityChange[], now: number): (string | undefined)[] {
    return changes.map(({ receiptHandle, seconds }) => {
      const message = this.#inFlight.get(receiptHandle);
      if (!message) return 'ReceiptHandleIsInvalid';
      message.until = now + seconds * 1000;
      return undefined;
    });
  }

  /** Nobody works on a message any more, and it was not deleted: it returns at its time. */
  leave({ file, receives, receiptHandle, until }: Received): void {
    if (!this.#inFlight.delete(receiptHandle)) return;
    this.#hiddenInFlight++;
    this.#hidden.push(until, file * MAX_COUNTED + receives);
  }

  /** Deletes a message. @returns whether it was the last one about its file */
  delete({ file, receiptHandle }: Received): boolean {
    this.#inFlight.delete(receiptHandle);
    const copies = this.#copies.get(file) ?? 0;
    if (copies === 0) return true;
    if (copies === 1) this.#copies.delete(file);
    else this.#copies.set(file, copies - 1);
    return false;
  }

  /** Sends a message about a file anew, with a receive count of its own. */
  sendAgain(file: number, now: number): void {
    this.#copies.set(file, (this.#copies.get(file) ?? 0) + 1);
    this.#returned.push({ since: now, packed: file * MAX_COUNTED });
  }

  /** SQS delivers at least once: now and then a copy of a message is received too. */
  #repeat(file: number, now: number): void {
    const after = this.#options.repeatedAfterMs(file);
    if (after === undefined || this.#copies.has(file)) return;
    this.#copies.set(file, 1);
    this.#hiddenInFlight++;
    this.#hidden.push(now + after, file * MAX_COUNTED + 1);
  }

  /** Makes hidden messages visible whose time has come. */
  #show(now: number): void {
    while ((this.#hidden.lowestKey ?? Infinity) <= now) {
      const next = this.#hidden.pop();
      if (!next) return;
      if (next.value % MAX_COUNTED > 0) this.#hiddenInFlight--;
      this.#returned.push({ since: next.key, packed: next.value });
    }
  }

  /** The message that has been visible longest, as file and receives in one number. */
  #next(now: number): number | undefined {
    const { arrivals, queues, notificationMs, usualNotificationMs } = this.#options;
    const returned = this.#returned[this.#firstReturned];
    while (this.#fresh < arrivals.files) {
      const file = this.#fresh;
      const landedAt = arrivals.landedAt(file);
      const visibleSince = landedAt + usualNotificationMs;
      if (visibleSince > now || (returned && returned.since <= visibleSince)) break;
      this.#fresh += queues;
      const notifiedAt = landedAt + notificationMs(file);
      if (notifiedAt <= now) return file * MAX_COUNTED;
      // A late notification waits like a hidden message, but is not in the queue yet.
      this.#hidden.push(notifiedAt, file * MAX_COUNTED);
    }
    if (!returned) return undefined;
    this.#firstReturned++;
    if (this.#firstReturned > 1000 && this.#firstReturned * 2 > this.#returned.length) {
      this.#returned = this.#returned.slice(this.#firstReturned);
      this.#firstReturned = 0;
    }
    return returned.packed;
  }
}
