import { Readable } from 'node:stream';

/** A member's body was not what its entry says: it ended early, ran over or failed (`cause`). The member is at fault, not the bundle. */
export class MemberBodyError extends Error {
  override readonly name = 'MemberBodyError';
  /** The member's name in the bundle. */
  readonly entryName: string;
  /** Bytes that the entry declared. */
  readonly expectedBytes: number;
  /** Bytes that came before the body ended, ran over or failed. */
  readonly actualBytes: number;

  constructor(entry: { name: string; size: number }, actualBytes: number, options?: ErrorOptions) {
    const what = options?.cause === undefined ? 'has' : 'failed after';
    super(
      `the body of ${JSON.stringify(entry.name)} ${what} ${actualBytes} bytes where ${entry.size} were declared`,
      options,
    );
    this.entryName = entry.name;
    this.expectedBytes = entry.size;
    this.actualBytes = actualBytes;
  }
}

/** Reads a member's body and holds it to its declared size. */
export interface MemberBody {
  /**
   * The next chunk; nothing after the last.
   *
   * @throws {MemberBodyError} when the body ends early, runs over or fails, or is closed while this waits
   */
  next(): Promise<Uint8Array | undefined>;
  /** Closes the body, which if left open would hold its socket, and ends a `next` that waits. Idempotent. */
  close(): void;
}

export function memberBody(
  entry: { name: string; size: number },
  body: AsyncIterable<Uint8Array>,
): MemberBody {
  const iterator = body[Symbol.asyncIterator]();
  let received = 0;
  let closed = false;
  let stopWaiting: (() => void) | undefined;

  // Not Promise.race with one promise for "closed": that would keep every chunk until the body's end.
  const nextUnlessClosed = (): Promise<IteratorResult<Uint8Array>> =>
    new Promise((resolve, reject) => {
      stopWaiting = () => reject(new Error('the body was closed'));
      if (closed) stopWaiting();
      else iterator.next().then(resolve, reject);
    });

  return {
    async next() {
      const { done, value } = await nextUnlessClosed().catch((cause: unknown) => {
        throw new MemberBodyError(entry, received, { cause });
      });
      if (done !== true) received += value.length;
      if (done === true ? received < entry.size : received > entry.size)
        throw new MemberBodyError(entry, received);
      return done === true ? undefined : value;
    },

    close() {
      if (closed) return;
      closed = true;
      stopWaiting?.();
      // Neither is waited for: a body that keeps silent would keep its closer waiting.
      if (body instanceof Readable) body.destroy();
      else void Promise.resolve(iterator.return?.()).catch(() => undefined);
    },
  };
}
