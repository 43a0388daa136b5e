import type { Transform } from 'node:stream';

/** A zlib stream as calls: each passes bytes in and resolves to the bytes that came out. */
export interface Compressor {
  /** Resolves to the output so far; zlib may still buffer the rest. */
  write(bytes: Uint8Array): Promise<Uint8Array[]>;
  /** Flushes everything that zlib buffers. @param kind `Z_FULL_FLUSH`, … */
  flush(kind: number): Promise<Uint8Array[]>;
  /** Ends the stream and resolves to its last bytes. */
  end(): Promise<Uint8Array[]>;
  /** Frees zlib's memory; idempotent. */
  close(): void;
}

/** The methods that node:zlib's compressing streams share. */
export type ZlibStream = Transform & { flush(kind: number, done: (error?: Error | null) => void): void };

/**
 * Drives a stream of node:zlib one call at a time. A stream compresses whether or not its output is consumed. Memory
 * stays bounded because each write is short, and because the caller waits for its sink before the next one.
 */
export function createCompressor(stream: ZlibStream): Compressor {
  let out: Uint8Array[] = [];
  let fail: ((error: Error) => void) | undefined;
  stream.on('data', (bytes: Uint8Array) => out.push(bytes));
  stream.on('error', (error) => fail?.(error));

  const call = (start: (done: (error?: Error | null) => void) => void): Promise<Uint8Array[]> =>
    new Promise((resolve, reject) => {
      fail = reject;
      start((error) => {
        if (error) {
          reject(error);
        } else {
          // Read output that the stream would emit in a later tick, through 'data': nothing may follow a flush.
          while (stream.read() !== null);
          resolve(out);
          out = [];
        }
      });
    });
  return {
    write: (bytes) => call((done) => stream.write(bytes, done)),
    flush: (kind) => call((done) => stream.flush(kind, done)),
    end: () => call((done) => stream.once('end', done).end()),
    close: () => void stream.destroy(),
  };
}
