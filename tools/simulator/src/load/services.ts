import { CallError } from '@data-aggregator/shared-processing/errors';
import { limits } from '@data-aggregator/cost-model/capacity';
import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { claimId, type LedgerTable, objectIdOf } from '@data-aggregator/shared-processing/ledger';
import { MANIFEST_PREFIX } from '@data-aggregator/shared-processing/manifest';
import type { ObjectStore, StoredObject } from '@data-aggregator/shared-processing/s3';
import { memoryTable, type Random } from '@data-aggregator/shared-processing/testing';
import { type LandedFiles, BUCKETS } from './landed-files.ts';
import { RateLimit, TableCapacity } from './rate-limit.ts';
import type { LoadSettings, Times } from './settings.ts';
import type { Tally } from './tally.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface ServicesOptions {
  time: VirtualTime;
  random: Random;
  settings: LoadSettings;
  times: Times;
  files: LandedFiles;
  tally: Tally;
  /** Whether the ledger answers at a moment, ms since the epoch. */
  isLedgerUp: (now: number) => boolean;
  /** A file is in the distribution bucket. @param ms since it landed */
  onDelivered: (landedAt: number, ms: number) => void;
  /** A bundle is in the distribution bucket. */
  onBundle: ((bundle: PublishedBundle) => void) | undefined;
}

/** Times are ms since the epoch. */
export interface PublishedBundle {
  /** When the invocation that published it started. */
  startedAt: number;
  publishedAt: number;
  /** When each of its files landed. */
  landings: number[];
}

/** What is known about a bundle while messages about its members are in the queue. */
interface Bundle {
  members: readonly number[];
  startedAt: number;
  /** Members whose messages are not deleted yet. */
  open: number;
  manifest: Uint8Array | undefined;
  isPublished: boolean;
}

/** S3 and DynamoDB with their limits. Objects have sizes and no bytes. */
export class Services {
  readonly #options: ServicesOptions;
  readonly #gets: RateLimit[];
  readonly #bundlePuts: RateLimit;
  readonly #manifestPuts: RateLimit;
  readonly #capacity: TableCapacity;
  readonly #table = memoryTable();
  readonly #bundles = new Map<string, Bundle>();
  /** A bit for each file: whether a published bundle contains it. */
  readonly #delivered: Uint8Array;
  readonly #body: Buffer;
  /** Simulated files in published bundles. */
  delivered = 0;
  /** Times that a file was in a second bundle: a violation. */
  duplicated = 0;
  bundles = 0;

  constructor(options: ServicesOptions) {
    this.#options = options;
    const { settings, files, time } = options;
    const now = time.now();
    const { s3GetsPerPartition, s3PutsPerPartition } = limits;
    this.#gets = Array.from(
      { length: settings.landingPrefixes },
      () => new RateLimit(s3GetsPerPartition.value, now),
    );
    this.#bundlePuts = new RateLimit(s3PutsPerPartition.value, now);
    this.#manifestPuts = new RateLimit(s3PutsPerPartition.value, now);
    this.#capacity = new TableCapacity(settings, now);
    this.#delivered = new Uint8Array(Math.ceil(files.count / 8));
    this.#body = Buffer.alloc(files.bytesEach);
  }

  /** The members of a bundle, before it is stored. @param startedAt when its invocation started, ms since the epoch */
  expect(bundle: string, members: readonly number[], startedAt: number): void {
    const expected = { members, startedAt, open: members.length, manifest: undefined, isPublished: false };
    this.#bundles.set(bundle, expected);
    const { time, settings } = this.#options;
    // By then its function has ended, so what is not published never will be.
    time.at(startedAt + settings.timeoutSeconds * 1000 + LATE_PUT_MS, () => {
      if (!expected.isPublished) this.#bundles.delete(bundle);
    });
  }

  /** Forgets what nothing can ask for any more, because the last message about a file is deleted. */
  forget(file: number): void {
    const id = claimId(objectIdOf(this.#options.files.version(file)));
    const bundle = String(this.#table.items.get(id)?.['bundle']);
    this.#table.items.delete(id);
    const known = this.#bundles.get(bundle);
    if (!known || --known.open > 0) return;
    this.#bundles.delete(bundle);
    this.#table.items.delete(`bundle#${bundle}`);
  }

  readonly store: ObjectStore = {
    get: async ({ bucket, key }) => {
      const { times, files, tally } = this.#options;
      await this.#wait(times.getMs / 2);
      if (bucket === BUCKETS.archive) {
        const content = this.#bundles.get(key.slice(MANIFEST_PREFIX.length, -'.json'.length))?.manifest;
        await this.#wait(times.getMs / 2);
        if (!content)
          throw new CallError(`GET ${key}`, { outcome: 'refused', code: 'NoSuchKey', status: 404 });
        tally.requests.s3Gets++;
        return received(content);
      }
      const file = files.fileOf(key);
      const limit = this.#gets[file % this.#gets.length];
      if (!limit?.take(files.eachStandsFor, this.#now)) {
        tally.throttled.s3Gets += files.eachStandsFor;
        throw slowDown(`GET ${key}`);
      }
      tally.requests.s3Gets += files.eachStandsFor;
      await this.#wait(times.getMs / 2);
      return received(this.#body);
    },
    put: async (object) => {
      await this.#wait(this.#options.times.putMs / 2);
      this.#put(object);
      await this.#wait(this.#options.times.putMs / 2);
    },
    head: async (_bucket, key) => {
      this.#options.tally.requests.s3Heads++;
      await this.#wait(this.#options.times.getMs);
      return this.#bundles.get(key)?.isPublished ? { kind: 'present', metadata: {} } : { kind: 'absent' };
    },
  };

  readonly table: LedgerTable = {
    get: async (id) => {
      await this.#reachLedger(`GetItem ${id}`);
      this.#options.tally.requests.ledgerReads++;
      return this.#table.get(id);
    },
    put: async (item, condition) => {
      await this.#reachLedger(`PutItem ${item.id}`);
      this.#write(item.id, item['members']);
      this.#options.tally.requests.ledgerWrites += this.#weightOf(item.id);
      return this.#table.put(item, condition);
    },
    delete: async (id, condition) => {
      await this.#reachLedger(`DeleteItem ${id}`);
      this.#write(id, undefined);
      this.#options.tally.requests.ledgerDeletes += this.#weightOf(id);
      return this.#table.delete(id, condition);
    },
  };

  /** Bundles that messages or functions can still ask for. */
  get bundlesInMemory(): number {
    return this.#bundles.size;
  }

  get #now(): number {
    return this.#options.time.now();
  }

  /** Waits for half to several times the average, as networks do. */
  #wait(averageMs: number): Promise<void> {
    const { time, random } = this.#options;
    return time.sleep(averageMs * (0.5 - 0.5 * Math.log(1 - random.next())));
  }

  async #reachLedger(what: string): Promise<void> {
    const { isLedgerUp, times } = this.#options;
    await this.#wait(times.ledgerMs);
    if (!isLedgerUp(this.#now)) throw new CallError(what, { outcome: 'unknown', code: 'ECONNRESET' });
  }

  /** A claim stands for as many as its file; a record is one item for all of them. */
  #weightOf(id: string): number {
    return id.startsWith('bundle#') ? 1 : this.#options.files.eachStandsFor;
  }

  #write(id: string, members: unknown): void {
    const { tally, files } = this.#options;
    const bytes = members instanceof Uint8Array ? members.length * files.eachStandsFor + BYTES_OF_RECORD : 0;
    const units = Math.max(1, Math.ceil(bytes / BYTES_PER_WRITE_UNIT)) * this.#weightOf(id);
    if (!this.#capacity.take(units, hashOf(id), this.#now)) {
      tally.throttled.ledger += this.#weightOf(id);
      throw new CallError(`PutItem ${id}`, {
        ...{ outcome: 'throttled', code: 'ProvisionedThroughputExceededException', status: 400 },
      });
    }
    tally.requests.ledgerWriteUnits += units;
  }

  #put({ bucket, key, open }: StoredObject): void {
    const { tally } = this.#options;
    const isManifest = bucket === BUCKETS.archive;
    if (!(isManifest ? this.#manifestPuts : this.#bundlePuts).take(1, this.#now)) {
      tally.throttled.s3Puts++;
      throw slowDown(`PUT ${key}`);
    }
    if (isManifest) {
      tally.requests.s3Manifests++;
      const bundle = this.#bundles.get(key.slice(MANIFEST_PREFIX.length, -'.json'.length));
      const content = open();
      if (bundle && content instanceof Uint8Array) bundle.manifest = content;
      return;
    }
    tally.requests.s3Bundles++;
    const bundle = this.#bundles.get(key);
    if (!bundle || !key.startsWith(BUNDLE_PREFIX)) throw new Error(`${key} is published and was never built`);
    bundle.isPublished = true;
    this.bundles++;
    for (const file of bundle.members) this.#deliver(file);
    const { files, onBundle } = this.#options;
    if (!onBundle) return;
    const landings = bundle.members.map((file) => files.landedAt(file));
    onBundle({ startedAt: bundle.startedAt, publishedAt: this.#now, landings });
  }

  #deliver(file: number): void {
    const { files, onDelivered } = this.#options;
    const bit = 1 << (file & 7);
    const byte = this.#delivered[file >> 3] ?? 0;
    if ((byte & bit) !== 0) return void this.duplicated++;
    this.#delivered[file >> 3] = byte | bit;
    this.delivered++;
    const landedAt = files.landedAt(file);
    onDelivered(landedAt, this.#now - landedAt);
  }
}

/** Far longer than a PUT takes. */
const LATE_PUT_MS = 60_000;
const BYTES_OF_RECORD = 100;
const BYTES_PER_WRITE_UNIT = 1024;

function slowDown(what: string): CallError {
  return new CallError(what, { outcome: 'throttled', code: 'SlowDown', status: 503 });
}

/** Ids are hashes already: their first characters after the prefix. */
function hashOf(id: string): number {
  const from = id.indexOf('#') + 1;
  let hash = 0;
  for (let at = id.length - 1; at >= Math.max(from, id.length - 6); at--)
    hash = (hash * 31 + id.charCodeAt(at)) >>> 0;
  return (Math.imul(hash, 2_654_435_761) >>> 0) / 2 ** 32;
}

function received(content: Uint8Array) {
  return { size: content.length, lastModified: 0, checksum: undefined, body: bodyOf(content) };
}

/** A body in one chunk. A generator of its own would cost as much as the rest of a read. */
function bodyOf(content: Uint8Array): AsyncIterable<Uint8Array> & { destroy(): void } {
  let isRead = content.length === 0;
  const iterator: AsyncIterator<Uint8Array> = {
    next: () => {
      if (isRead) return DONE;
      isRead = true;
      return Promise.resolve({ value: content, done: false });
    },
  };
  return { [Symbol.asyncIterator]: () => iterator, destroy: () => undefined };
}

const DONE: Promise<IteratorResult<Uint8Array>> = Promise.resolve({ value: undefined, done: true });
