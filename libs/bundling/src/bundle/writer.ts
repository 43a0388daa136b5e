import { createHash, hash } from 'node:crypto';
import type { Codec, Part } from './codec/codec.ts';
import { memberBody, type MemberBody, MemberBodyError } from './member-body.ts';
import type { Staged, Staging } from './staging.ts';
import type { Entry } from './tar/entry.ts';
import { memberHeader, padding, TAR_END } from './tar/tar.ts';

/** A complete bundle. */
export interface FinishedBundle {
  /** Bytes of the compressed bundle. */
  size: number;
  /** SHA-256 of the compressed bundle, in hex. */
  sha256: string;
  /** Bytes of the tar before compression. */
  tarSize: number;
  /** The bytes. */
  staged: Staged;
}

/** Builds one bundle: members one after another, then `finish`. One call at a time. */
export interface BundleWriter {
  /**
   * Appends one regular file whose bytes are in memory. The caller may reuse them once the promise resolves.
   *
   * @returns the SHA-256 of the bytes, in hex
   * @throws {MemberBodyError} if the number of bytes differs from the entry's size; nothing is written then, and the
   * bundle remains usable. After any other error it is not.
   */
  append(entry: Entry, content: Uint8Array): Promise<string>;
  /**
   * Appends one regular file from a stream. Reads it no faster than the bundle is written, and always closes it.
   *
   * @returns the SHA-256 of the bytes, in hex
   * @throws {MemberBodyError} if the body is too short or too long, or fails; the bundle is then unusable
   */
  appendStream(entry: Entry, body: AsyncIterable<Uint8Array>): Promise<string>;
  /** Completes the bundle. @throws {Error} if it has no member: a bundle is never empty */
  finish(): Promise<FinishedBundle>;
  /** Aborts at any time, even within a member or a part, and releases the memory. Idempotent. */
  discard(): Promise<void>;
}

/** Creates a writer of one encoded tar. It owns the staging from now on. */
export function createBundleWriter({ codec, staging }: { codec: Codec; staging: Staging }): BundleWriter {
  const bundleHash = createHash('sha256');
  let size = 0;
  let tarSize = 0;
  const encoder = codec.createEncoder(async (bytes) => {
    bundleHash.update(bytes);
    size += bytes.length;
    await staging.write(bytes);
  });

  let state: 'open' | 'busy' | 'broken' | 'finished' | 'discarded' = 'open';
  let running: Promise<unknown> = Promise.resolve();
  let discarding: Promise<void> | undefined;
  let bodyUnderWay: MemberBody | undefined;

  const unusable = (options?: ErrorOptions): Error => new Error(`the bundle is ${state}`, options);

  /** Runs one step. If it throws, an incomplete bundle is staged. */
  const step = <T>(work: () => Promise<T>, next: 'open' | 'finished' = 'open'): Promise<T> => {
    if (state !== 'open') throw unusable();
    state = 'busy';
    const done = work().then(
      (result) => {
        if (state !== 'busy') throw unusable();
        state = next;
        return result;
      },
      (cause: unknown) => {
        if (state !== 'busy') throw unusable({ cause });
        state = 'broken';
        throw cause;
      },
    );
    running = done.catch(() => undefined);
    return done;
  };

  const put = async (bytes: Uint8Array, part: Part): Promise<void> => {
    tarSize += bytes.length;
    await encoder.write(bytes, part);
  };

  /** Writes one member: its header, its content, and the padding. Returns the result of `content`. */
  const member = async <T>(entry: Entry, header: Uint8Array, content: () => Promise<T>): Promise<T> => {
    await put(header, 'frame');
    const result = await content();
    await put(padding(entry.size), 'frame');
    return result;
  };

  return {
    async append(entry, content) {
      if (content.length !== entry.size) throw new MemberBodyError(entry, content.length);
      const header = memberHeader(entry);
      return step(() =>
        member(entry, header, async () => {
          await put(content, 'body');
          return hash('sha256', content);
        }),
      );
    },

    async appendStream(entry, body) {
      const reader = memberBody(entry, body);
      try {
        const header = memberHeader(entry);
        return await step(() => {
          bodyUnderWay = reader;
          return member(entry, header, async () => {
            const sum = createHash('sha256');
            for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
              sum.update(chunk);
              await put(chunk, 'body');
            }
            return sum.digest('hex');
          });
        });
      } finally {
        reader.close();
      }
    },

    async finish() {
      if (tarSize === 0) throw new Error('a bundle needs a member');
      return step(async () => {
        await put(TAR_END, 'frame');
        await encoder.end();
        const staged = await staging.end();
        await encoder.close();
        return { size, sha256: bundleHash.digest('hex'), tarSize, staged };
      }, 'finished');
    },

    discard() {
      discarding ??= (async () => {
        state = 'discarded';
        bodyUnderWay?.close();
        // Before waiting for the step in progress, which may itself wait for a part.
        const discarded = staging.discard();
        await running;
        await encoder.close();
        await discarded;
      })();
      return discarding;
    },
  };
}
