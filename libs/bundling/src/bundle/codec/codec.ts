/** The tar's own bytes (headers, padding), or a member's content. */
export type Part = 'frame' | 'body';

/** Receives the encoded bytes in order. It may use them only until its promise resolves. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

/** Encodes one bundle. Make each call after the previous one has resolved. */
export interface Encoder {
  /** Encodes the next bytes of the tar. The caller may reuse them once the promise resolves. Throws the sink's error, now or in a later call. */
  write(bytes: Uint8Array, part: Part): Promise<void>;
  /** Passes all remaining bytes to the sink. */
  end(): Promise<void>;
  /** Frees the encoder's resources. Call it at any time between calls; idempotent. */
  close(): Promise<void>;
}

/** A way to encode a tar. */
export interface Codec {
  readonly name: 'gzip' | 'zstd' | 'store';
  /** The end of a bundle's key. */
  readonly extension: '.tar.gz' | '.tar.zst' | '.tar';
  readonly contentType: 'application/gzip' | 'application/zstd' | 'application/x-tar';
  createEncoder(sink: Sink): Encoder;
}

/** The unencoded tar. Uses no thread pool, timer or file, so promises alone determine the order of events. */
export function store(): Codec {
  return {
    name: 'store',
    extension: '.tar',
    contentType: 'application/x-tar',
    createEncoder: (sink) => ({
      write: (bytes) => sink(bytes),
      end: async () => undefined,
      close: async () => undefined,
    }),
  };
}
