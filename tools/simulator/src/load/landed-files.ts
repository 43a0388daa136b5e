import { type ObjectVersion, toS3Event } from '@data-aggregator/shared-processing/s3-event';
import type { Arrivals } from './arrivals.ts';

export const BUCKETS = { landing: 'landing', distribution: 'distribution', archive: 'archive' };

/** The files of a run, which are numbers: everything about one follows from its number. */
export class LandedFiles {
  readonly #arrivals: Arrivals;
  readonly #start: number;
  /** Real files for each simulated one. */
  readonly eachStandsFor: number;
  readonly bytesEach: number;

  /** @param start of the run, ms since the epoch */
  constructor(arrivals: Arrivals, start: number, eachStandsFor: number, bytesEach: number) {
    this.#arrivals = arrivals;
    this.#start = start;
    this.eachStandsFor = eachStandsFor;
    this.bytesEach = bytesEach;
  }

  get count(): number {
    return this.#arrivals.files;
  }

  /** ms since the epoch. */
  landedAt(file: number): number {
    return this.#start + this.#arrivals.landedAt(file);
  }

  version(file: number): ObjectVersion {
    return {
      bucket: BUCKETS.landing,
      key: `in/2026/measurement-${file}.json`,
      version: { kind: 'id', versionId: `v${file}` },
    };
  }

  /** The file with this key, or with this name in a bundle. */
  fileOf(key: string): number {
    return Number(key.slice(key.lastIndexOf('-') + 1, -'.json'.length));
  }

  /** The file that a message with one record is about. */
  fileIn(body: string): number {
    const key = /"key":"([^"]*)"/.exec(body)?.[1];
    if (key === undefined) throw new Error(`no key in ${body}`);
    return this.fileOf(key);
  }

  /** S3's notification of a file. */
  notification(file: number): string {
    const landedAt = this.landedAt(file);
    const landed = { ...this.version(file), size: this.bytesEach, etag: 'etag', landedAt };
    return JSON.stringify(toS3Event([landed]));
  }
}
