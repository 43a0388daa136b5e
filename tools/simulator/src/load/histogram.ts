/** Durations in buckets that are 0.5 % wide, so that millions of them take no more memory than a few. */
const WIDTH = Math.log(1.005);

export class Histogram {
  readonly #buckets: number[] = [];
  #count = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** @param count how many files took so long */
  add(ms: number, count: number): void {
    const bucket = Math.round(Math.log(1 + Math.max(0, ms)) / WIDTH);
    while (this.#buckets.length <= bucket) this.#buckets.push(0);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + count;
    this.#count += count;
    this.#max = Math.max(this.#max, ms);
  }

  /** Seconds that so many percent of the files took at most; undefined if there are none. */
  percentile(percent: number): number | undefined {
    if (percent === 100 && this.#count > 0) return this.#max / 1000;
    const rank = Math.ceil((percent / 100) * this.#count);
    let seen = 0;
    for (const [bucket, count] of this.#buckets.entries()) {
      seen += count;
      if (count > 0 && seen >= rank) return Math.min(this.#max, Math.exp(bucket * WIDTH) - 1) / 1000;
    }
    return undefined;
  }
}
