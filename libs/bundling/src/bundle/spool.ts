import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { SpoolMemory } from './spool-memory.ts';

/** Keeps a bundle's bytes between building and publishing. */
export interface Spool {
  /** Appends bytes; they may be reused when the promise resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing more comes. */
  end(): Promise<void>;
  /** A new stream of everything written, from its start; after `end` only. */
  open(): Readable;
  /** Ends open streams and gives back memory and file; idempotent, at any time. */
  discard(): Promise<void>;
}

export interface SpoolOptions {
  /** Where the first bytes are kept; what is beyond goes to a file, or all of it while another spool has the memory. */
  memory: SpoolMemory;
  /** Where that file is made. */
  directory: string;
}

/** Bytes that go to the file, and to whoever reads, at once. */
const BLOCK = 1024 ** 2;

/**
 * A spool whose first bytes stay in memory and whose others go to a file without a name: it is unlinked as soon as it is
 * open, so that the system frees it even when the process is killed. Bytes are copied on writing, since a chunk of a
 * few KB off a socket would keep its whole network buffer alive.
 */
export function createSpool({ memory, directory }: SpoolOptions): Spool {
  // Now or never: what is in memory comes before what is in the file.
  const taken = memory.acquire();
  let inMemory = 0;
  let pending = Buffer.alloc(0);
  let pendingUsed = 0;
  let file: FileHandle | undefined;
  let inFile = 0;
  let discarding: Promise<void> | undefined;
  const readers = new Set<Readable>();

  /** Copies as many bytes as there is memory for; returns their number. */
  const keep = (bytes: Uint8Array): number => {
    if (!taken) return 0;
    const room = Math.min(bytes.length, taken.length - inMemory);
    taken.set(bytes.subarray(0, room), inMemory);
    inMemory += room;
    return room;
  };

  const spill = async (bytes: Uint8Array): Promise<void> => {
    try {
      file ??= await createScratchFile(directory);
      inFile += await writeAll(file, bytes, inFile);
    } catch (cause) {
      const kept = inMemory + inFile;
      throw new Error(`cannot keep more than ${kept} bytes of the bundle in ${directory}: ${cause}`, {
        cause,
      });
    }
  };

  const spillPending = async (): Promise<void> => {
    if (pendingUsed === 0) return;
    await spill(pending.subarray(0, pendingUsed));
    pendingUsed = 0;
  };

  async function* read(): AsyncGenerator<Uint8Array> {
    for (let from = 0; taken && from < inMemory; from += BLOCK) {
      yield taken.subarray(from, Math.min(from + BLOCK, inMemory));
    }
    for (let position = 0; position < inFile && file !== undefined;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(BLOCK), 0, BLOCK, position);
      if (bytesRead === 0) throw new Error(`the scratch file ends at ${position} of ${inFile} bytes`);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  return {
    async write(bytes) {
      if (discarding) throw new Error('the spool is discarded');
      const rest = bytes.subarray(keep(bytes));
      if (rest.length === 0) return;
      if (pending.length === 0) pending = Buffer.allocUnsafeSlow(BLOCK);
      if (pendingUsed + rest.length > pending.length) await spillPending();
      if (rest.length >= pending.length) return spill(rest);
      pending.set(rest, pendingUsed);
      pendingUsed += rest.length;
    },

    async end() {
      await spillPending();
      pending = Buffer.alloc(0);
    },

    open() {
      if (discarding) throw new Error('the spool is discarded');
      const reader = Readable.from(read(), { objectMode: false });
      readers.add(reader);
      reader.once('close', () => readers.delete(reader));
      return reader;
    },

    discard() {
      discarding ??= (async () => {
        // Without an error: a reader that nobody listens to any more must not end the process.
        for (const reader of readers) reader.destroy();
        if (taken) memory.release();
        pending = Buffer.alloc(0);
        await file?.close();
      })();
      return discarding;
    },
  };
}

async function createScratchFile(directory: string): Promise<FileHandle> {
  const path = join(directory, `bundle-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}

/** Writes all the bytes at a position, in as many steps as the system takes; resolves to their number. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
  return done;
}
