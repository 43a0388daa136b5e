/** What the bytes are: the tar's own (headers, padding) or a member's content. */
export type Part = 'frame' | 'body';

/** Takes the encoded bytes in order. They are the taker's only until the promise resolves. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

/** Encodes one bundle. Calls follow each other: the next one is made when the last has resolved. */
export interface Encoder {
  /** Takes the next bytes of the tar; they may be reused when the promise resolves. An error of the sink comes out here or later. */
  write(bytes: Uint8Array, part: Part): Promise<void>;
  /** Hands everything that is left to the sink. */
  end(): Promise<void>;
  /** Frees what the encoder holds; idempotent, at any time between calls. */
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

/** The tar as it is. Uses no thread pool, no timer and no file: the order of events is the order of promises. */
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
