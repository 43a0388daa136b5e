import { Readable } from 'node:stream';
import { MemberBodyError } from './member-body-error.ts';

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
