import type { Transform } from 'node:stream';

/** A zlib stream as calls: bytes in, all the bytes out that zlib gave for them. */
export interface Compressor {
  /** Resolves to what came out; the rest may still be inside. */
  write(bytes: Uint8Array): Promise<Uint8Array[]>;
  /** Brings out all that is inside by a flush of the given kind (`Z_FULL_FLUSH`, …). */
  flush(kind: number): Promise<Uint8Array[]>;
  /** Ends the stream and resolves to its last bytes. */
  end(): Promise<Uint8Array[]>;
  /** Frees zlib's memory; idempotent. */
  close(): void;
}

/** The methods that node:zlib's compressing streams share. */
export type ZlibStream = Transform & { flush(kind: number, done: () => void): void };

/**
 * Drives a stream of node:zlib one call at a time. A stream does its work whether or not its output is wanted yet, so
 * what bounds the memory is the length of one write, and the caller's waiting for its sink before the next.
 */
export function createCompressor(stream: ZlibStream): Compressor {
  let out: Uint8Array[] = [];
  let fail: ((error: Error) => void) | undefined;
  stream.on('data', (bytes: Uint8Array) => out.push(bytes));
  stream.on('error', (error) => fail?.(error));

  const call = (start: (done: () => void) => void): Promise<Uint8Array[]> =>
    new Promise((resolve, reject) => {
      fail = reject;
      start(() => {
        // Should the stream hold output back for a later tick, it comes out now, through 'data': after a flush
        // nothing may follow late.
        while (stream.read() !== null);
        resolve(out);
        out = [];
      });
    });

  return {
    write: (bytes) => call((done) => stream.write(bytes, (error) => (error ? fail?.(error) : done()))),
    flush: (kind) => call((done) => stream.flush(kind, done)),
    end: () => call((done) => stream.once('end', done).end()),
    close: () => void stream.destroy(),
  };
}
