import { Readable } from 'node:stream';
import type { UploadedPart } from '@data-aggregator/shared-processing/s3';

/** Takes the parts of a bundle that does not fit in memory. */
export interface PartSink {
  /** Stores a part. Parts have consecutive numbers from 1; the bytes stay unchanged until the promise settles. */
  put(number: number, bytes: Uint8Array): Promise<UploadedPart>;
  /** Ends the puts in progress, which then reject. */
  stop(): void;
}

/** Where a bundle's bytes are once it is built. */
export type Staged =
  | {
      kind: 'whole';
      /** A new stream of all bytes, from the start. */
      open(): Readable;
    }
  | { kind: 'parts'; parts: readonly UploadedPart[] };

/** Keeps a bundle's bytes between building and publishing: in memory, or as the invisible parts of an upload. */
export interface Staging {
  /** Appends bytes, which may be reused when the promise resolves. @throws what a part's `put` threw, here or later */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the bundle. Resolves when every part is stored. */
  end(): Promise<Staged>;
  /** Ends open streams and puts, and releases the memory; idempotent, at any time. */
  discard(): Promise<void>;
}

/** Memory that one bundle after another uses, so that it triggers no garbage collection. */
export interface StagingMemory {
  /** @throws if another bundle has the memory */
  acquire(): Buffer;
  release(): void;
}

/** The system provides the memory's pages only as they are used. */
export function createStagingMemory(bytes: number): StagingMemory {
  let memory: Buffer | undefined;
  let isTaken = false;
  return {
    acquire() {
      if (isTaken) throw new Error('the memory is still in use by another bundle');
      isTaken = true;
      return (memory ??= Buffer.allocUnsafeSlow(bytes));
    },
    release() {
      isTaken = false;
    },
  };
}

export interface StagingOptions {
  memory: StagingMemory;
  /** Bytes of each part but the last. The memory must hold two, so that one is sent while another fills. */
  partBytes: number;
  parts: PartSink;
}

/** Bytes that a stream of the whole passes on at once. */
const BLOCK = 1024 ** 2;

/** Parts in flight at once. The others of a full memory wait, in their order, so that a slot is free again soon. */
const MAX_PUTS = 4;

/**
 * Divides the memory into slots of one part each. A bundle that fits stays there. When the memory is full, all slots are sent as parts,
 * and each is filled again when its part is stored:
 *
 *     slot       0   1   2        0   1   2        0
 *     part       1   2   3   │    4   5   6   │    7 …
 *                    full: send   wait for 1
 *
 * Bytes are copied on writing, because a small chunk would keep its whole network buffer alive.
 */
export function createStaging({ memory, partBytes, parts }: StagingOptions): Staging {
  const taken = memory.acquire();
  const slots = Math.floor(taken.length / partBytes);
  /** The parts so far. Waiting for one at a negative index waits for nothing. */
  const sent: Promise<UploadedPart>[] = [];
  /** The part that is being filled, from 0. */
  let part = 0;
  let filled = 0;
  let discarding: Promise<void> | undefined;
  const readers: Readable[] = [];

  if (slots < 2) {
    memory.release();
    throw new Error(`${taken.length} bytes of memory do not hold two parts of ${partBytes} bytes`);
  }

  const slotOf = (index: number): Buffer => {
    const start = (index % slots) * partBytes;
    return taken.subarray(start, start + partBytes);
  };

  const send = (index: number, length: number): void => {
    const bytes = slotOf(index).subarray(0, length);
    const stored = Promise.resolve(sent[index - MAX_PUTS]).then(() => parts.put(index + 1, bytes));
    stored.catch(() => undefined); // `write` or `end` awaits it later; until then it is not unhandled.
    sent[index] = stored;
  };

  /** Starts the next part, once its slot is free. */
  const advance = async (): Promise<void> => {
    if (part + 1 >= slots) for (let index = sent.length; index <= part; index++) send(index, partBytes);
    part += 1;
    filled = 0;
    await sent[part - slots];
  };

  async function* read(): AsyncGenerator<Uint8Array> {
    const size = part * partBytes + filled;
    for (let from = 0; from < size; from += BLOCK) yield taken.subarray(from, Math.min(from + BLOCK, size));
  }

  return {
    async write(bytes) {
      for (let from = 0; from < bytes.length;) {
        if (discarding) throw new Error('the staged bundle is discarded');
        if (filled === partBytes) await advance();
        const room = Math.min(bytes.length - from, partBytes - filled);
        slotOf(part).set(bytes.subarray(from, from + room), filled);
        filled += room;
        from += room;
      }
    },

    async end() {
      if (sent.length > 0) {
        send(part, filled);
        return { kind: 'parts', parts: await Promise.all(sent) };
      }
      return {
        kind: 'whole',
        open() {
          if (discarding) throw new Error('the staged bundle is discarded');
          const reader = Readable.from(read(), { objectMode: false });
          readers.push(reader);
          return reader;
        },
      };
    },

    discard() {
      discarding ??= (async () => {
        // Without an error: a reader without listeners must not end the process.
        for (const reader of readers) reader.destroy();
        parts.stop();
        await Promise.allSettled(sent);
        memory.release();
      })();
      return discarding;
    },
  };
}
