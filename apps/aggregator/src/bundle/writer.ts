import { createHash, hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Codec } from './codec/codec.ts';
import { MemberBodyError } from './member-body-error.ts';
import type { Spool } from './spool.ts';
import type { Entry } from './tar/entry.ts';
import { memberHeader, padding, TAR_END } from './tar/tar.ts';

/** A bundle that is whole. */
export interface FinishedBundle {
  /** Bytes of the compressed bundle. */
  size: number;
  /** SHA-256 of the compressed bundle, in hex. */
  sha256: string;
  /** Bytes of the tar before compression. */
  tarSize: number;
  /** A new stream of the whole bundle from its start; may be called again. */
  open(): Readable;
}

/** Builds one bundle: members one after another, then `finish`. One call at a time. */
export interface BundleWriter {
  /**
   * Appends one regular file whose bytes are all here already. They are not kept.
   *
   * @returns the SHA-256 of the bytes, in hex
   * @throws {MemberBodyError} before anything is written, when the bytes are not as many as the entry says; the bundle
   * is as it was. After any other error the bundle is useless.
   */
  append(entry: Entry, content: readonly Uint8Array[]): Promise<string>;
  /**
   * Appends one regular file from a stream, read no faster than it is written and in the end always closed.
   *
   * @returns the SHA-256 of the bytes, in hex
   * @throws {MemberBodyError} when the body ends early, runs over or fails; the bundle is then useless
   */
  appendStream(entry: Entry, body: AsyncIterable<Uint8Array>): Promise<string>;
  /** Ends the bundle. @throws when it has no member: no bundle is ever empty. */
  finish(): Promise<FinishedBundle>;
  /** Ends everything at any time, also a member under way, and frees memory and scratch file. Idempotent. */
  discard(): Promise<void>;
}

/** A writer of one tar in the codec's encoding into the spool, which it owns from now on. */
export function createBundleWriter({ codec, spool }: { codec: Codec; spool: Spool }): BundleWriter {
  const bundleHash = createHash('sha256');
  let size = 0;
  let tarSize = 0;
  let members = 0;
  const encoder = codec.createEncoder(async (bytes) => {
    bundleHash.update(bytes);
    size += bytes.length;
    await spool.write(bytes);
  });

  let state: 'open' | 'busy' | 'broken' | 'finished' | 'discarded' = 'open';
  let running: Promise<unknown> = Promise.resolve();
  let discarding: Promise<void> | undefined;
  let stopWaiting: ((reason: Error) => void) | undefined;

  /** Runs one step; when it throws, what is in the spool ends in the middle of something. */
  const step = <T>(work: () => Promise<T>): Promise<T> => {
    if (state !== 'open') throw new Error(`the bundle is ${state}`);
    state = 'busy';
    const done = work().then(
      (result) => {
        if (state === 'busy') state = 'open';
        return result;
      },
      (error: unknown) => {
        if (state === 'busy') state = 'broken';
        throw error;
      },
    );
    running = done.catch(() => undefined);
    return done;
  };

  const put = async (bytes: Uint8Array, part: 'frame' | 'body'): Promise<void> => {
    if (bytes.length === 0) return;
    if (state === 'discarded') throw new Error('the bundle is discarded');
    tarSize += bytes.length;
    await encoder.write(bytes, part);
  };

  /** What the iterator gives next, unless the bundle is discarded before: a body may never answer. */
  const nextOf = (iterator: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> =>
    new Promise((resolve, reject) => {
      stopWaiting = reject;
      iterator.next().then(resolve, reject);
    });

  const copyBody = async (entry: Entry, iterator: AsyncIterator<Uint8Array>): Promise<string> => {
    const memberHash = createHash('sha256');
    let received = 0;
    for (;;) {
      let next: IteratorResult<Uint8Array>;
      try {
        next = await nextOf(iterator);
      } catch (cause) {
        if (state === 'discarded') throw cause;
        throw new MemberBodyError(entry, received, { cause });
      }
      if (next.done === true) break;
      received += next.value.length;
      if (received > entry.size) break;
      memberHash.update(next.value);
      await put(next.value, 'body');
    }
    if (received !== entry.size) throw new MemberBodyError(entry, received);
    return memberHash.digest('hex');
  };

  return {
    async append(entry, content) {
      const received = content.reduce((sum, chunk) => sum + chunk.length, 0);
      if (received !== entry.size) throw new MemberBodyError(entry, received);
      const header = memberHeader(entry);
      return step(async () => {
        await put(header, 'frame');
        for (const chunk of content) await put(chunk, 'body');
        await put(padding(entry.size), 'frame');
        members += 1;
        return sha256Of(content);
      });
    },

    async appendStream(entry, body) {
      const iterator = body[Symbol.asyncIterator]();
      try {
        const header = memberHeader(entry);
        return await step(async () => {
          await put(header, 'frame');
          const sha256 = await copyBody(entry, iterator);
          await put(padding(entry.size), 'frame');
          members += 1;
          return sha256;
        });
      } finally {
        release(body, iterator);
      }
    },

    async finish() {
      if (members === 0) throw new Error('a bundle needs a member');
      const finished = await step(async () => {
        await put(TAR_END, 'frame');
        await encoder.end();
        await spool.end();
        await encoder.close();
        return { size, sha256: bundleHash.digest('hex'), tarSize, open: () => spool.open() };
      });
      if (state === 'open') state = 'finished';
      return finished;
    },

    discard() {
      discarding ??= (async () => {
        state = 'discarded';
        stopWaiting?.(new Error('the bundle is discarded'));
        await running;
        await encoder.close();
        await spool.discard();
      })();
      return discarding;
    },
  };
}

function sha256Of(content: readonly Uint8Array[]): string {
  const [only] = content;
  if (content.length === 1 && only !== undefined) return hash('sha256', only, 'hex');
  const sum = createHash('sha256');
  for (const chunk of content) sum.update(chunk);
  return sum.digest('hex');
}

/** Closes a body that may not be read to its end: one left open holds its socket. Not waited for, as it may hang. */
function release(body: AsyncIterable<Uint8Array>, iterator: AsyncIterator<Uint8Array>): void {
  if (body instanceof Readable) body.destroy();
  else void Promise.resolve(iterator.return?.()).catch(() => undefined);
}
