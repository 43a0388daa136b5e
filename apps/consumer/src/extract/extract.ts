import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { checksumOf, type RunningChecksum, startChecksum } from '@data-aggregator/shared-processing/checksum';
import type { Manifest, ManifestMember } from '@data-aggregator/shared-processing/manifest';
import type { Disk, DiskFile } from '../inbox/disk.ts';
import { createFolders, syncFiles, syncFolders } from '../inbox/durable.ts';
import { createPool } from '../pool.ts';
import { DamagedBundle } from './damaged-bundle.ts';
import { createDecompressor, isCorrupt } from './decompressor.ts';
import { checksumToVerify } from './expected.ts';
import { createTarReader, TarError } from './tar-reader.ts';

/** Larger files are written while they are read. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** Small files written and synced concurrently. One fsync commits the names and sizes of others too, so this pays. */
const CONCURRENT_WRITES = 32;
/** Of a bundle and of its content; small bundles need less, and V8 would collect garbage because of it. */
const MAX_CHUNK_BYTES = 512 * 1024;
const MIN_CHUNK_BYTES = 4 * 1024;

/** About what a tar has in addition to the bytes of a file: its header and padding. */
const TAR_BYTES = 1024;

function chunkBytes(total: number): number {
  return Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, total));
}

/**
 * Extracts a downloaded bundle into an empty folder, verifies the bundle and each member, and syncs every file and folder. The tar must
 * contain exactly the manifest's members in the manifest's order, so a hostile archive cannot do more than fail.
 *
 * @param folder must not exist
 * @throws DamagedBundle; errors of the disk; the signal's reason
 */
export async function extractBundle(
  file: string,
  manifest: Manifest,
  folder: string,
  signal: AbortSignal,
  disk: Disk,
): Promise<void> {
  const { bundle } = manifest;
  const expected = checksumToVerify(bundle);
  const checksum = await startChecksum(expected.algorithm);
  let size = 0;
  async function* source() {
    for await (const chunk of chunksOf(file, chunkBytes(bundle.size), disk)) {
      // Without a decompressor, the pipeline alone would stop only at the end.
      signal.throwIfAborted();
      checksum.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const content = manifest.members.reduce((sum, member) => sum + TAR_BYTES + member.size, TAR_BYTES);
  const decompressor = createDecompressor(bundle.format, chunkBytes(content));
  const write = (content: AsyncIterable<Buffer>) => writeMembers(content, manifest.members, folder, disk);
  try {
    await (decompressor
      ? pipeline(source, decompressor, write, { signal })
      : pipeline(source, write, { signal }));
  } catch (error) {
    signal.throwIfAborted();
    throw asDamage(error, bundle.key);
  }
  if (size !== bundle.size) {
    throw new DamagedBundle('bundle-differs', `it has ${size} bytes instead of ${bundle.size}`);
  }
  const found = checksum.hex();
  if (found !== expected.hex) {
    throw new DamagedBundle(
      'bundle-differs',
      `its ${expected.algorithm} is ${found} instead of ${expected.hex}`,
    );
  }
}

/**
 * Reads a file into one buffer, over and over: V8 counts new buffers, and would collect garbage because of them. A chunk is valid until
 * the next one is asked for.
 */
async function* chunksOf(file: string, chunkSize: number, disk: Disk): AsyncGenerator<Buffer> {
  const handle = await disk.open(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(chunkSize);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, chunkSize);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

function asDamage(error: unknown, key: string): unknown {
  if (error instanceof TarError) return new DamagedBundle('not-a-bundle', error.message, { cause: error });
  if (!isCorrupt(error)) return error;
  const { message } = error as Error;
  return new DamagedBundle('not-a-bundle', `${key} cannot be decompressed: ${message}`, { cause: error });
}

/** A member while its content passes. */
interface Current {
  member: ManifestMember;
  /** The content of a small file, in one piece if a chunk has it all; undefined for a large file. */
  buffered: Buffer[] | undefined;
  /** Of a large file. */
  streamed: { handle: DiskFile; checksum: RunningChecksum } | undefined;
}

async function writeMembers(
  content: AsyncIterable<Buffer>,
  members: readonly ManifestMember[],
  folder: string,
  disk: Disk,
): Promise<void> {
  const reader = createTarReader();
  const syncsEach = members.length < disk.manyFiles;
  const folders = new Set<string>();
  const writes = createPool(CONCURRENT_WRITES);
  let count = 0;
  let current: Current | undefined;

  async function begin(name: string, size: number): Promise<Current> {
    const member = members[count++];
    if (member === undefined)
      throw new DamagedBundle('members-differ', `${JSON.stringify(name)} is not in the manifest`);
    if (member.name !== name || member.size !== size) {
      const found = `${JSON.stringify(name)} of ${size} bytes`;
      const expected = `${JSON.stringify(member.name)} of ${member.size} bytes`;
      throw new DamagedBundle('members-differ', `the tar has ${found} where the manifest has ${expected}`);
    }
    const path = pathOf(folder, name);
    if (!folders.has(dirname(path))) {
      for (const created of await createFolders(dirname(path), disk))
        folders.add(created).add(dirname(created));
    }
    if (size <= MAX_BUFFERED_BYTES) return { member, buffered: [], streamed: undefined };
    const checksum = await startChecksum(checksumToVerify(member).algorithm);
    return { member, buffered: undefined, streamed: { handle: await disk.open(path, 'wx'), checksum } };
  }

  async function end({ member, buffered, streamed }: Current): Promise<void> {
    const { algorithm, hex } = checksumToVerify(member);
    if (streamed) {
      await finishFile(streamed.handle, member);
      verify(member, streamed.checksum.hex(), hex);
      return;
    }
    const [only] = buffered ?? [];
    const bytes = only && buffered?.length === 1 ? only : Buffer.concat(buffered ?? []);
    verify(member, await checksumOf(algorithm, bytes), hex);
    const path = pathOf(folder, member.name);
    await writes.start(() => writeSmallFile(path, bytes, member, syncsEach, disk));
  }

  try {
    for await (const chunk of content) {
      for (const event of reader.push(chunk)) {
        if (event.kind === 'file') current = await begin(event.name, event.size);
        else if (current && event.kind === 'data') {
          if (current.streamed) {
            current.streamed.checksum.update(event.bytes);
            await writeAll(current.streamed.handle, event.bytes);
          } else if (event.bytes.length === current.member.size) current.buffered?.push(event.bytes);
          // The chunk is not valid any more when the rest comes.
          else current.buffered?.push(Buffer.from(event.bytes));
        } else if (current) {
          const ended = current;
          current = undefined;
          await end(ended);
        }
      }
    }
    reader.finish();
    if (count < members.length) {
      throw new DamagedBundle('members-differ', `the tar has ${count} of ${members.length} files`);
    }
  } finally {
    await current?.streamed?.handle.close();
    await writes.settled();
  }
  await writes.drained();
  if (!syncsEach) {
    if (await disk.syncFileSystem(folder)) return;
    await syncFiles(
      members.map(({ name }) => pathOf(folder, name)),
      disk,
    );
  }
  await syncFolders(folders, disk);
}

function pathOf(folder: string, name: string): string {
  return join(folder, ...name.split('/'));
}

function verify(member: ManifestMember, found: string, expected: string): void {
  if (found === expected) return;
  const what = `${JSON.stringify(member.name)} has the checksum ${found} instead of ${expected}`;
  throw new DamagedBundle('members-differ', what);
}

async function writeAll(handle: DiskFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}

/**
 * Writes into the cache without a thread, which is fastest for small files, and leaves the slow sync to the pool of threads.
 */
async function writeSmallFile(
  path: string,
  bytes: Buffer,
  { lastModified }: ManifestMember,
  syncs: boolean,
  disk: Disk,
): Promise<void> {
  const file = disk.openSync(path, 'wx');
  try {
    for (let at = 0; at < bytes.length;) at += disk.writeSync(file, bytes, at);
    const seconds = lastModified / 1000;
    disk.futimesSync(file, seconds, seconds);
    if (syncs) await disk.fsync(file);
  } finally {
    disk.closeSync(file);
  }
}

/** Gives a file the time of its object, syncs and closes it. */
async function finishFile(handle: DiskFile, { lastModified }: ManifestMember): Promise<void> {
  try {
    const time = new Date(lastModified);
    await handle.utimes(time, time);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
