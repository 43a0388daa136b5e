import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Manifest, ManifestMember } from '@data-aggregator/shared-processing/manifest';
import { extract } from 'tar-stream';

/** Opens a bundle for reading; called twice. */
export type OpenBundle = () => Promise<AsyncIterable<Uint8Array>>;

/** Maximum number of problems reported per bundle. */
const MAX_PROBLEMS = 20;

/**
 * Compares a bundle with its manifest: size and SHA-256 as a whole, and name, order, size and SHA-256 of each member.
 *
 * @returns the problems; empty if the bundle is intact
 */
export async function verifyBundle(open: OpenBundle, { bundle, members }: Manifest): Promise<string[]> {
  const problems = await compareWhole(await open(), bundle);
  const again = await open();
  try {
    problems.push(...(await compareMembers(again, bundle.format, members)));
  } catch (error) {
    problems.push(`it cannot be unpacked: ${(error as Error).message}`);
  }
  const more = problems.length - MAX_PROBLEMS;
  return more > 0 ? [...problems.slice(0, MAX_PROBLEMS), `and ${more} more`] : problems;
}

async function compareWhole(bytes: AsyncIterable<Uint8Array>, bundle: Manifest['bundle']): Promise<string[]> {
  const { size, sha256 } = await measure(bytes);
  const problems: string[] = [];
  if (size !== bundle.size) problems.push(`size is ${size} bytes; the manifest says ${bundle.size}`);
  if (sha256 !== bundle.sha256) {
    problems.push(`SHA-256 is ${sha256}; the manifest says ${bundle.sha256}`);
  }
  return problems;
}

async function compareMembers(
  bytes: AsyncIterable<Uint8Array>,
  format: Manifest['bundle']['format'],
  members: readonly ManifestMember[],
): Promise<string[]> {
  const problems: string[] = [];
  const entries = extract();
  const unpacked = pipeline(
    Readable.from(bytes),
    format === 'tar.gz' ? createGunzip() : createZstdDecompress(),
    entries,
  );
  // The loop below throws the same error; this prevents an unhandled rejection before that.
  unpacked.catch(() => undefined);
  let count = 0;
  for await (const entry of entries) {
    const expected = members[count++];
    const { name, type } = entry.header;
    const { size, sha256 } = await measure(entry as AsyncIterable<Uint8Array>);
    if (!expected) continue;
    if (type !== 'file') problems.push(`${name} is not a file but of type ${type ?? 'unknown'}`);
    if (name !== expected.name) {
      problems.push(`file ${count} is ${name}; the manifest says ${expected.name}`);
    } else if (size !== expected.size) {
      problems.push(`${name} has ${size} bytes; the manifest says ${expected.size}`);
    } else if (sha256 !== expected.sha256) {
      problems.push(`${name} has SHA-256 ${sha256}; the manifest says ${expected.sha256}`);
    }
  }
  await unpacked;
  if (count !== members.length) {
    problems.push(`it contains ${count} files; the manifest says ${members.length}`);
  }
  return problems;
}

async function measure(bytes: AsyncIterable<Uint8Array>): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest('hex') };
}
