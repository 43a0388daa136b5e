import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The bytes of an object or part: extents in order. Immutable. Copies share stored bytes and zeros take no space, so a
 * blob can be larger than the disk.
 */
export interface Blob {
  readonly size: number;
  readonly extents: readonly Extent[];
}

/** A run of zeros, or a range of stored bytes. `size` is in bytes, and never 0. */
export type Extent =
  | { readonly kind: 'zeros'; readonly size: number }
  | { readonly kind: 'stored'; readonly size: number; readonly store: Store; readonly start: number };

/** Stored bytes, freed once no extent refers to them. */
type Store = { references: number } & ({ kind: 'memory'; bytes: Buffer } | { kind: 'file'; path: string });

/** Bodies up to this many bytes stay in memory… */
const SMALL = 64 * 1024;
/** …as long as their total stays below this. */
const MEMORY_BUDGET = 64 * 1024 * 1024;
/** Bytes per read from a file, and of zeros. */
const READ_AHEAD = 256 * 1024;
/** Zeros are stored as such if they fill a chunk of at least this many bytes. */
const MIN_HOLE = 4096;

const ZEROS = Buffer.alloc(READ_AHEAD);

export type Blobs = ReturnType<typeof createBlobs>;

/** Stores blobs in their own folder below `dataDir`. */
export function createBlobs(dataDir: string) {
  mkdirSync(dataDir, { recursive: true });
  const folder = mkdtempSync(join(dataDir, 's3-'));
  let inMemory = 0;

  /** Stores everything that `chunks` yields. If it throws, nothing is stored and the error is passed on. */
  async function write(chunks: AsyncIterable<Buffer>): Promise<Blob> {
    const held: Buffer[] = [];
    let size = 0;
    const iterator = chunks[Symbol.asyncIterator]();
    let next = await iterator.next();
    for (; !next.done; next = await iterator.next()) {
      held.push(next.value);
      size += next.value.length;
      if (size > SMALL) break;
    }
    if (next.done && inMemory + size <= MEMORY_BUDGET) {
      inMemory += size;
      return storedBlob({ kind: 'memory', bytes: compactCopy(held, size), references: 1 }, size);
    }
    try {
      return await writeFile(held, iterator);
    } catch (error) {
      await iterator.return?.();
      throw error;
    }
  }

  /** Writes a file without its runs of zeros. */
  async function writeFile(head: readonly Buffer[], rest: AsyncIterator<Buffer>): Promise<Blob> {
    const path = join(folder, randomUUID());
    const extents: Extent[] = [];
    let file: FileHandle | undefined;
    let end = 0;
    const store: Store = { kind: 'file', path, references: 0 };
    const add = async (chunk: Buffer): Promise<void> => {
      const zeros = chunk.length >= MIN_HOLE && isZeros(chunk);
      append(
        extents,
        zeros
          ? { kind: 'zeros', size: chunk.length }
          : { kind: 'stored', size: chunk.length, store, start: end },
      );
      if (zeros) return;
      file ??= await open(path, 'wx');
      await file.writeFile(chunk);
      end += chunk.length;
    };
    try {
      for (const chunk of head) await add(chunk);
      for (let next = await rest.next(); !next.done; next = await rest.next()) await add(next.value);
      await file?.close();
    } catch (error) {
      await file?.close();
      rmSync(path, { force: true });
      throw error;
    }
    store.references = extents.filter(({ kind }) => kind === 'stored').length;
    return { size: sizeOf(extents), extents };
  }

  /** Bytes from `start` (inclusive) to `end` (exclusive). Hold the blob while reading. */
  async function* read(blob: Blob, start = 0, end = blob.size): AsyncGenerator<Buffer> {
    for (const extent of rangeOf(blob, start, end)) {
      if (extent.kind === 'zeros') {
        for (let left = extent.size; left > 0; left -= READ_AHEAD) yield ZEROS.subarray(0, left);
      } else if (extent.store.kind === 'memory') {
        yield extent.store.bytes.subarray(extent.start, extent.start + extent.size);
      } else {
        const { store, start: first, size } = extent;
        yield* createReadStream(store.path, {
          start: first,
          end: first + size - 1,
          highWaterMark: READ_AHEAD,
        });
      }
    }
  }

  /** The same bytes as a blob of their own, without copying them: either can be discarded first. */
  function share(blob: Blob, start = 0, end = blob.size): Blob {
    const extents = rangeOf(blob, start, end);
    for (const extent of extents) if (extent.kind === 'stored') extent.store.references++;
    return { size: sizeOf(extents), extents };
  }

  /** Keeps a blob readable until the returned function is called, even if its object is deleted meanwhile. */
  function hold(blob: Blob): () => void {
    let held: Blob | undefined = share(blob);
    return () => {
      if (held !== undefined) discard(held);
      held = undefined;
    };
  }

  /** Frees the space of bytes that no other blob shares. Call it once for each blob. */
  function discard({ extents }: Blob): void {
    for (const extent of extents) {
      if (extent.kind === 'zeros') continue;
      const { store } = extent;
      if (--store.references > 0) continue;
      if (store.kind === 'memory') inMemory -= store.bytes.length;
      else rmSync(store.path, { force: true });
    }
  }

  return { write, read, share, hold, discard, close: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A blob of zeros. @param size bytes */
export function zeroBlob(size: number): Blob {
  return { size, extents: size === 0 ? [] : [{ kind: 'zeros', size }] };
}

/** Joins blobs without copying. The result replaces them: do not discard them afterwards. */
export function concat(blobs: readonly Blob[]): Blob {
  const extents: Extent[] = [];
  for (const blob of blobs) {
    for (const extent of blob.extents) {
      if (extent.kind === 'zeros') append(extents, extent);
      else extents.push(extent); // Not joined with its neighbour: each extent counts as a reference.
    }
  }
  return { size: sizeOf(extents), extents };
}

/** The bytes of a range, if they are in memory in one piece. */
export function bytesInMemory(blob: Blob, start: number, end: number): Buffer | undefined {
  const [extent, another] = rangeOf(blob, start, end);
  if (extent === undefined) return Buffer.alloc(0);
  if (another !== undefined || extent.kind === 'zeros' || extent.store.kind === 'file') return undefined;
  return extent.store.bytes.subarray(extent.start, extent.start + extent.size);
}

/** The extents of a range, the first and the last one cut to it. */
function rangeOf({ extents }: Blob, start: number, end: number): Extent[] {
  const range: Extent[] = [];
  let offset = 0;
  for (const extent of extents) {
    const first = Math.max(0, start - offset);
    const size = Math.min(extent.size, end - offset) - first;
    offset += extent.size;
    if (size <= 0) continue;
    range.push(
      extent.kind === 'zeros' ? { ...extent, size } : { ...extent, size, start: extent.start + first },
    );
  }
  return range;
}

/** Adds an extent, joined with the last one if that goes on in the same place. */
function append(extents: Extent[], extent: Extent): void {
  const last = extents.at(-1);
  const isNext =
    extent.kind === 'zeros'
      ? last?.kind === 'zeros'
      : last?.kind === 'stored' && last.store === extent.store && last.start + last.size === extent.start;
  if (last !== undefined && isNext) extents.splice(-1, 1, { ...last, size: last.size + extent.size });
  else extents.push(extent);
}

function storedBlob(store: Store, size: number): Blob {
  return { size, extents: size === 0 ? [] : [{ kind: 'stored', size, store, start: 0 }] };
}

function sizeOf(extents: readonly Extent[]): number {
  return extents.reduce((sum, { size }) => sum + size, 0);
}

function isZeros(chunk: Buffer): boolean {
  for (let at = 0; at < chunk.length; at += ZEROS.length) {
    const piece = chunk.subarray(at, at + ZEROS.length);
    if (!piece.equals(ZEROS.subarray(0, piece.length))) return false;
  }
  return true;
}

/** A copy with its own memory; a slice would keep a network buffer or the shared pool alive. */
function compactCopy(chunks: readonly Buffer[], size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let offset = 0;
  for (const chunk of chunks) offset += chunk.copy(bytes, offset);
  return bytes;
}
