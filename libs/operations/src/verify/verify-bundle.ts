import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decompressor } from '@data-aggregator/shared-processing/archive';
import { measure } from '@data-aggregator/shared-processing/checksum';
import {
  checksumDifference,
  type Manifest,
  type ManifestMember,
} from '@data-aggregator/shared-processing/manifest';
import { extract } from 'tar-stream';

/** Opens a bundle for reading; called twice. */
export type OpenBundle = () => Promise<AsyncIterable<Uint8Array>>;

/** Maximum number of problems reported per bundle. */
const MAX_PROBLEMS = 20;

/**
 * Compares a bundle with its manifest: size and checksum as a whole, and name, order, size and checksum of each member. Streams it, so
 * that its size does not matter.
 *
 * @returns the problems; empty if the bundle is intact
 * @throws what opening or reading it throws
 */
export async function verifyBundle(open: OpenBundle, { bundle, members }: Manifest): Promise<string[]> {
  const problems = await compareWhole(await open(), bundle);
  const again = watched(await open());
  try {
    problems.push(...(await compareMembers(again.bytes, bundle.format, members)));
  } catch (error) {
    again.throwIfFailed();
    problems.push(`it cannot be unpacked: ${(error as Error).message}`);
  }
  const more = problems.length - MAX_PROBLEMS;
  return more > 0 ? [...problems.slice(0, MAX_PROBLEMS), `and ${more} more`] : problems;
}

/** Tells a bundle that cannot be read, which says nothing about it, from one that cannot be unpacked. */
function watched(source: AsyncIterable<Uint8Array>) {
  let failure: { error: unknown } | undefined;
  async function* bytes() {
    const reader = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        // Not around `yield`, where the error of the unpacking arrives.
        const next = await reader.next().catch((error: unknown) => {
          failure = { error };
          throw error;
        });
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await reader.return?.();
    }
  }
  return {
    bytes: bytes(),
    throwIfFailed() {
      if (failure) throw failure.error;
    },
  };
}

async function compareWhole(bytes: AsyncIterable<Uint8Array>, bundle: Manifest['bundle']): Promise<string[]> {
  const actual = await measure(bytes);
  const problems: string[] = [];
  if (actual.size !== bundle.size) {
    problems.push(`size is ${actual.size} bytes; the manifest says ${bundle.size}`);
  }
  const difference = checksumDifference(actual, bundle);
  if (difference !== undefined) problems.push(difference);
  return problems;
}

async function compareMembers(
  bytes: AsyncIterable<Uint8Array>,
  format: Manifest['bundle']['format'],
  members: readonly ManifestMember[],
): Promise<string[]> {
  const problems: string[] = [];
  const entries = extract();
  const unpacked = pipeline(Readable.from(bytes), decompressor(format), entries);
  // The loop below throws the same error; this prevents an unhandled rejection before that.
  unpacked.catch(() => undefined);
  let count = 0;
  for await (const entry of entries) {
    const expected = members[count++];
    const { name, type } = entry.header;
    const actual = await measure(entry as AsyncIterable<Uint8Array>);
    if (!expected) continue;
    const difference = checksumDifference(actual, expected);
    if (type !== 'file') problems.push(`${name} is not a file but of type ${type ?? 'unknown'}`);
    if (name !== expected.name) {
      problems.push(`file ${count} is ${name}; the manifest says ${expected.name}`);
    } else if (actual.size !== expected.size) {
      problems.push(`${name} has ${actual.size} bytes; the manifest says ${expected.size}`);
    } else if (difference !== undefined) {
      problems.push(`${name}: ${difference}`);
    }
  }
  await unpacked;
  if (count !== members.length) {
    problems.push(`it contains ${count} files; the manifest says ${members.length}`);
  }
  return problems;
}
