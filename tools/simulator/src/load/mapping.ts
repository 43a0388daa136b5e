import { limits, MS_PER_RECEIVED_MESSAGE } from '@data-aggregator/cost-model/capacity';
import { BACKOFF, type InvocationResult, type Lambda } from './lambda.ts';
import type { LoadQueue, Received } from './queue.ts';
import type { LoadSettings, Times } from './settings.ts';
import type { Tally } from './tally.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface MappingOptions {
  queue: LoadQueue;
  lambda: Lambda;
  time: VirtualTime;
  settings: LoadSettings;
  times: Times;
  tally: Tally;
  /** Start of the run, ms since the epoch. */
  start: number;
  eachStandsFor: number;
  /** Lambda: pollers that collect a batch, invoke the function and wait for it; the number to begin with. */
  pollers: number;
  /** The embedded cloud: one collector that does not wait for invocations. */
  collectsAhead: boolean;
  /** The messages of a file are all deleted. */
  onDone: (file: number) => void;
}

const MESSAGES_PER_CALL = 10;
const LONG_POLL_MS = 20_000;
/** How often a queue with too many messages in flight is asked again. */
const FULL_QUEUE_MS = 100;
/** AWS's figure is for a minute. */
const GROWTH_PER_SECOND = limits.mappingGrowth.value / 60;

/**
 * An event source mapping of Lambda. Each poller
 *
 *     collects until the window ends or the batch is full  │  invokes the function and waits  │  deletes what is done
 *
 * While every poller is busy, the mapping gets one more for each batch that is visible, at most 300 in a minute and up to MaximumConcurrency. A
 * poller whose batch was not full when its window ended is one too many. AWS publishes the 300, but no rule for growing or shrinking.
 */
export class Mapping {
  readonly #options: MappingOptions;
  pollers = 0;
  #waiting = 0;
  #allowed: number;
  #backoffMs = 0;
  #running = 0;
  readonly #perReceive: number;
  readonly #batchSize: number;

  constructor(options: MappingOptions) {
    const { eachStandsFor, settings, pollers } = options;
    this.#options = options;
    this.#allowed = pollers;
    this.#perReceive = Math.max(1, Math.floor(MESSAGES_PER_CALL / eachStandsFor));
    this.#batchSize = Math.max(1, Math.round(settings.batchSize / eachStandsFor));
  }

  start(): void {
    const { pollers, collectsAhead } = this.#options;
    for (let count = 0; count < pollers; count++) void this.#poll();
    if (!collectsAhead) void this.#grow();
  }

  get #now(): number {
    return this.#options.time.now() - this.#options.start;
  }

  async #grow(): Promise<void> {
    const { time, queue, settings } = this.#options;
    for (;;) {
      await time.sleep(1000);
      if (this.#waiting > 0 || this.#backoffMs > 0) continue;
      const batches = Math.floor(queue.visible(this.#now) / this.#batchSize);
      this.#allowed = Math.min(settings.maxConcurrency, this.#allowed + Math.min(GROWTH_PER_SECOND, batches));
      while (this.pollers < Math.floor(this.#allowed)) void this.#poll();
    }
  }

  async #poll(): Promise<void> {
    const { collectsAhead, pollers, settings, time } = this.#options;
    this.pollers++;
    for (;;) {
      if (this.#backoffMs > 0) await time.sleep(this.#backoffMs);
      const { batch, isFull } = await this.#collect();
      const done = this.#process(batch);
      if (!collectsAhead) await done;
      else while (this.#running >= settings.maxConcurrency) await time.sleep(1);
      if (!isFull && this.pollers > pollers) break;
    }
    this.pollers--;
    this.#allowed = this.pollers;
  }

  async #collect(): Promise<{ batch: Received[]; isFull: boolean }> {
    const { queue, time, settings, times, tally, eachStandsFor } = this.#options;
    const batch: Received[] = [];
    let closesAt = Infinity;
    let polledAt = this.#now;
    while (batch.length < this.#batchSize && this.#now < closesAt) {
      const received = queue.receive(Math.min(this.#perReceive, this.#batchSize - batch.length), this.#now);
      if (received.length > 0) {
        if (batch.length === 0) closesAt = this.#now + settings.batchWindowSeconds * 1000;
        batch.push(...received);
        const messages = received.length * eachStandsFor;
        tally.requests.sqsReceives += Math.max(1, messages / MESSAGES_PER_CALL);
        await time.sleep(Math.max(times.receiveMs, messages * MS_PER_RECEIVED_MESSAGE));
        polledAt = this.#now;
        continue;
      }
      if (this.#now >= polledAt + LONG_POLL_MS) {
        tally.requests.sqsEmptyReceives++;
        polledAt = this.#now;
      }
      const next = queue.isFull ? this.#now + FULL_QUEUE_MS : queue.nextVisible(this.#now);
      this.#waiting++;
      await time.sleep(Math.max(1, Math.min(next, closesAt, polledAt + LONG_POLL_MS) - this.#now));
      this.#waiting--;
    }
    return { batch, isFull: batch.length >= this.#batchSize };
  }

  async #process(batch: readonly Received[]): Promise<void> {
    const { queue, lambda } = this.#options;
    this.#running++;
    const result = await lambda.invoke(batch, {
      changeVisibility: (changes) => {
        this.#options.tally.requests.sqsVisibilityChanges += this.#callsFor(changes.length);
        return queue.changeVisibility(changes, this.#now);
      },
      sendAgain: (files) => {
        this.#options.tally.requests.sqsSends += this.#callsFor(files.length);
        for (const file of files) queue.sendAgain(file, this.#now);
      },
    });
    await this.#settle(batch, result);
    this.#running--;
  }

  /** Requests for the messages of so many simulated files. */
  #callsFor(files: number): number {
    return Math.ceil((files * this.#options.eachStandsFor) / MESSAGES_PER_CALL);
  }

  async #settle(batch: readonly Received[], result: InvocationResult): Promise<void> {
    const { queue, time, times, tally, eachStandsFor, onDone } = this.#options;
    if (result.kind === 'error') {
      this.#backoffMs = Math.min(
        BACKOFF.mostMs,
        this.#backoffMs === 0 ? BACKOFF.firstMs : this.#backoffMs * 2,
      );
      for (const message of batch) queue.leave(message);
      return;
    }
    this.#backoffMs = 0;
    await time.sleep(times.deleteMs);
    for (const message of batch) {
      if (result.failed.has(message.receiptHandle)) queue.leave(message);
      else if (queue.delete(message)) onDone(message.file);
    }
    tally.requests.sqsDeletes += ((batch.length - result.failed.size) * eachStandsFor) / MESSAGES_PER_CALL;
  }
}
