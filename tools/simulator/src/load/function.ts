import { createRoutes, type HandleDependencies, handleMessages } from '@data-aggregator/bundling';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { createPublications, createUploads, Ledger } from '@data-aggregator/shared-processing/ledger';
import type { MultipartStore } from '@data-aggregator/shared-processing/s3';
import {
  type BatchResponse,
  createQueueSender,
  createVisibilityTimer,
  type Message,
  type OutgoingMessage,
  type VisibilityChange,
} from '@data-aggregator/shared-processing/sqs';
import type { Random } from '@data-aggregator/shared-processing/testing';
import { BUCKETS, type LandedFiles } from './landed-files.ts';
import type { Services } from './services.ts';
import type { LoadSettings, Times } from './settings.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface FunctionOptions {
  time: VirtualTime;
  random: Random;
  settings: LoadSettings;
  times: Times;
  files: LandedFiles;
  services: Pick<Services, 'store' | 'table' | 'expect'>;
  /** Bytes of files per byte of bundle. */
  compressRatio: number;
  /** Time that a file takes at a moment, ms since the epoch. */
  msPerFileAt: (now: number) => number;
}

/** The queue that the messages of an invocation came from. */
export interface OwnQueue {
  changeVisibility(changes: readonly VisibilityChange[]): (string | undefined)[];
  sendAgain(files: readonly number[]): void;
}

const MiB = 1024 ** 2;
const MS_PER_DAY = 86_400_000;
/** As `libs/bundling/src/function/settings.ts` sets them by default. */
const CONCURRENCY = 48;
const READ_AHEAD_BYTES = 64 * MiB;
const RETENTION_DAYS = 21;
/** Stands for the checksum of bytes that do not exist. */
const NO_SHA256 = '0'.repeat(64);

/**
 * Runs the aggregator's own code on a batch, from messages to response. Modelled: services; the CPU time of a member; and the tar, of which only
 * the size is known.
 *
 * @param deadline ms since the epoch
 */
export function runFunction(
  messages: readonly Message[],
  deadline: number,
  queue: OwnQueue,
  { time, random, settings, times, files, services, compressRatio, msPerFileAt }: FunctionOptions,
): Promise<BatchResponse> {
  const rules = { clock: time, random: () => random.next() };
  const { store, table } = services;
  const concurrency = Math.max(1, Math.round(CONCURRENCY / files.eachStandsFor));
  let bundle = '';
  const startedAt = time.now();
  /** When the processor is free again. */
  let busyUntil = startedAt + times.msPerInvocation;
  const sender = (send: (messages: readonly OutgoingMessage[]) => void) =>
    createQueueSender(
      async (batch) => {
        await time.sleep(times.deleteMs);
        send(batch);
        return batch.map(() => true);
      },
      { ...rules, onError: ignore },
    );
  const dependencies: HandleDependencies = {
    ...rules,
    store,
    multipart: noMultipart,
    ledger: new Ledger({
      ...rules,
      table,
      publications: createPublications(store, BUCKETS, rules),
      uploads: createUploads(noMultipart, BUCKETS, rules),
    }),
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    metrics: { count: ignore, seconds: ignore },
    buckets: BUCKETS,
    contentType: 'application/gzip',
    format: 'tar.gz',
    manifestEncoding: 'identity',
    copyLimits: { headBytes: 5 * MiB, rangeBytes: 1024 * MiB, concurrency: 64 },
    routes: createRoutes({ minCopiedBytes: Infinity, maxStreamedBytes: Infinity }),
    newBundleKey: () => {
      const id = random.below(2 ** 32).toString(16) + random.below(2 ** 32).toString(16);
      return (bundle = bundleKey(time.now(), id.padStart(16, '0').slice(-16), '.tar.gz'));
    },
    newWriter: () => {
      const members: number[] = [];
      let bytes = 0;
      return {
        append: async ({ name, size }) => {
          members.push(files.fileOf(name));
          bytes += size * files.eachStandsFor;
          const from = Math.max(busyUntil, time.now());
          busyUntil = from + msPerFileAt(from) * files.eachStandsFor;
          if (busyUntil > time.now()) await time.until(busyUntil);
          return NO_SHA256;
        },
        appendStream: () => Promise.reject(new Error('no file of a load is large')),
        finish: async () => {
          services.expect(bundle, members, startedAt);
          const open = () => new Uint8Array();
          const size = Math.ceil(bytes / compressRatio);
          return { size, sha256: NO_SHA256, tarSize: bytes, staged: { kind: 'whole', open: open as never } };
        },
        discard: async () => undefined,
      };
    },
    claimGraceMs: settings.claimGraceSeconds * 1000,
    claimRetentionMs: RETENTION_DAYS * MS_PER_DAY,
    maxConcurrentClaims: concurrency,
    maxObjectBytes: Infinity,
    admission: { landingBucket: BUCKETS.landing, landingIsVersioned: true, maxObjectBytes: Infinity },
    readAhead: { ring: countingRing(files.bytesEach), maxReads: concurrency },
    planLimits: { maxBytes: 256 * MiB, maxMembers: 5000, largeBytes: 32 * MiB },
    queue: sender((batch) => queue.sendAgain(batch.map(({ body }) => files.fileIn(body)))),
    visibility: createVisibilityTimer(
      async (changes) => {
        await time.sleep(times.deleteMs);
        return queue.changeVisibility(changes);
      },
      { ...rules, onUnchanged: ignore },
    ),
    largeObjects: undefined,
    deadLetters: sender(() => {
      throw new Error('no file of a load is refused');
    }),
  };
  return handleMessages(messages, deadline, dependencies);
}

/** Read-ahead memory that counts bytes and lends the same ones to everybody, because nobody looks at them. */
function countingRing(bytesEach: number): HandleDependencies['readAhead']['ring'] {
  const shared = sharedMemory(bytesEach);
  const lengths: number[] = [];
  let taken = 0;
  return {
    allocate(size) {
      if (taken > 0 && taken + size > READ_AHEAD_BYTES) return undefined;
      taken += size;
      lengths.push(size);
      return shared.subarray(0, size);
    },
    release() {
      taken -= lengths.shift() ?? 0;
    },
  };
}

let memory = new Uint8Array();

function sharedMemory(bytes: number): Uint8Array {
  if (memory.length < bytes) memory = new Uint8Array(bytes);
  return memory;
}

const notUsed = () => Promise.reject(new Error('no file of a load is uploaded in parts'));
const noMultipart: MultipartStore = {
  create: notUsed,
  uploadPart: notUsed,
  copyPart: notUsed,
  complete: notUsed,
  abort: notUsed,
};

const ignore = () => undefined;
