import { limits } from '@data-aggregator/cost-model/capacity';

/** A rate that may be exceeded by what was not used in the second before. */
export class RateLimit {
  readonly #perSecond: number;
  #left: number;
  #at: number;

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond;
    this.#at = now;
  }

  /** Whether so many are allowed at this moment (ms); if not, none counts. */
  take(count: number, now: number): boolean {
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#left < count) return false;
    this.#left -= count;
    return true;
  }
}

/** DynamoDB counts a peak as reached once it is half an hour old. */
const PEAK_AGE_MINUTES = 30;

/**
 * What an on-demand table serves: its warm throughput, or twice the highest minute that is at least half an hour old, divided among
 * partitions of a thousand writes a second. A quota limits the whole table.
 */
export class TableCapacity {
  readonly #warmWrites: number;
  readonly #table: RateLimit;
  #partitions: RateLimit[];
  /** Writes of each minute. */
  readonly #minutes: number[] = [0];
  readonly #start: number;

  constructor({ warmWrites, tableWrites }: { warmWrites: number; tableWrites: number }, now: number) {
    this.#warmWrites = warmWrites;
    this.#table = new RateLimit(tableWrites, now);
    this.#partitions = partitionsFor(warmWrites, now);
    this.#start = now;
  }

  /** @param hash of the item's key, in [0, 1) */
  take(writes: number, hash: number, now: number): boolean {
    const minute = Math.floor((now - this.#start) / 60_000);
    while (this.#minutes.length <= minute) this.#nextMinute(now);
    const partition = this.#partitions[Math.floor(hash * this.#partitions.length)];
    if (!partition?.take(writes, now) || !this.#table.take(writes, now)) return false;
    this.#minutes[minute] = (this.#minutes[minute] ?? 0) + writes;
    return true;
  }

  #nextMinute(now: number): void {
    this.#minutes.push(0);
    const reached = this.#minutes[this.#minutes.length - 1 - PEAK_AGE_MINUTES] ?? 0;
    const wanted = Math.max(this.#warmWrites, (2 * reached) / 60);
    if (wanted > this.#partitions.length * limits.ledgerWritesPerPartition.value) {
      this.#partitions = partitionsFor(wanted, now);
    }
  }
}

function partitionsFor(writes: number, now: number): RateLimit[] {
  const perPartition = limits.ledgerWritesPerPartition.value;
  return Array.from({ length: Math.ceil(writes / perPartition) }, () => new RateLimit(perPartition, now));
}
