import { Readable } from 'node:stream';

/** A member's body did not match its entry: it was too short or too long, or reading it failed (`cause`). The member is at fault, not the bundle. */
export class MemberBodyError extends Error {
  override readonly name = 'MemberBodyError';
  /** The member's name in the bundle. */
  readonly entryName: string;
  /** Size that the entry declares, in bytes. */
  readonly expectedBytes: number;
  /** Bytes received until the body ended, became too long or failed. */
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

/** Reads a member's body and checks its declared size. */
export interface MemberBody {
  /**
   * Returns the next chunk; undefined after the last.
   *
   * @throws {MemberBodyError} if the body is too short or too long, fails, or is closed while this waits
   */
  next(): Promise<Uint8Array | undefined>;
  /** Closes the body, which would otherwise keep its socket, and rejects a waiting `next`. Idempotent. */
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

  // Not Promise.race against one "closed" promise: that would retain every chunk until the body ends.
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
      closed = true;
      stopWaiting?.();
      // Do not wait for either: a stalled body would block the caller.
      if (body instanceof Readable) body.destroy();
      else void Promise.resolve(iterator.return?.()).catch(() => undefined);
    },
  };
}
