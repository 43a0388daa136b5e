import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/** The bytes of an object or part. Immutable, and identified by an id, never by a key. */
export type Blob =
  | { kind: 'memory'; size: number; bytes: Buffer }
  | { kind: 'file'; size: number; path: string; readers: number; discarded: boolean }
  | { kind: 'joined'; size: number; parts: readonly Blob[] };

/** Bodies up to this many bytes stay in memory… */
const SMALL = 64 * 1024;
/** …as long as their total stays below this. */
const MEMORY_BUDGET = 64 * 1024 * 1024;
/** Bytes per read from a file. */
const READ_AHEAD = 256 * 1024;

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
      return { kind: 'memory', size, bytes: compactCopy(held, size) };
    }
    try {
      return await writeFile(Buffer.concat(held), iterator);
    } catch (error) {
      await iterator.return?.();
      throw error;
    }
  }

  async function writeFile(head: Buffer, rest: AsyncIterator<Buffer>): Promise<Blob> {
    const path = join(folder, randomUUID());
    const file = await open(path, 'wx');
    try {
      let size = 0;
      for (let chunk: Buffer | undefined = head; chunk !== undefined; chunk = await nextOf(rest)) {
        await file.writeFile(chunk);
        size += chunk.length;
      }
      await file.close();
      return { kind: 'file', size, path, readers: 0, discarded: false };
    } catch (error) {
      await file.close();
      rmSync(path);
      throw error;
    }
  }

  /** Joins blobs without copying. The result owns them. */
  function concat(parts: readonly Blob[]): Blob {
    return { kind: 'joined', size: parts.reduce((sum, part) => sum + part.size, 0), parts };
  }

  /** Bytes from `start` (inclusive) to `end` (exclusive). Hold the blob while reading. */
  async function* read(blob: Blob, start = 0, end = blob.size): AsyncGenerator<Buffer> {
    if (start >= end) return;
    if (blob.kind === 'memory') yield blob.bytes.subarray(start, end);
    else if (blob.kind === 'file') {
      yield* createReadStream(blob.path, { start, end: end - 1, highWaterMark: READ_AHEAD });
    } else {
      let offset = 0;
      for (const part of blob.parts) {
        yield* read(part, Math.max(0, start - offset), Math.min(part.size, end - offset));
        offset += part.size;
      }
    }
  }

  /** Keeps a blob readable until the returned function is called, even if its object is deleted meanwhile. */
  function hold(blob: Blob): () => void {
    const files = filesOf(blob);
    for (const file of files) file.readers++;
    return () => {
      for (const file of files.splice(0)) {
        file.readers--;
        if (file.discarded && file.readers === 0) rmSync(file.path, { force: true });
      }
    };
  }

  /** Frees a blob's space as soon as it has no readers. */
  function discard(blob: Blob): void {
    if (blob.kind === 'joined') blob.parts.forEach(discard);
    else if (blob.kind === 'memory') inMemory -= blob.size;
    else {
      blob.discarded = true;
      if (blob.readers === 0) rmSync(blob.path, { force: true });
    }
  }

  return {
    write,
    concat,
    read,
    hold,
    discard,
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A copy with its own memory; a slice would keep a network buffer or the shared pool alive. */
function compactCopy(chunks: readonly Buffer[], size: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(size);
  let offset = 0;
  for (const chunk of chunks) offset += chunk.copy(bytes, offset);
  return bytes;
}

async function nextOf<T>(iterator: AsyncIterator<T>): Promise<T | undefined> {
  const next = await iterator.next();
  return next.done ? undefined : next.value;
}

function filesOf(blob: Blob): Extract<Blob, { kind: 'file' }>[] {
  if (blob.kind === 'memory') return [];
  return blob.kind === 'file' ? [blob] : blob.parts.flatMap(filesOf);
}
