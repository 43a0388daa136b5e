/** The tar's metadata of one regular file. */
export interface Entry {
  /** Path inside the bundle: relative, UTF-8, sanitised by the caller. */
  name: string;
  /** Bytes. */
  size: number;
  /** Milliseconds since the epoch. The tar stores whole seconds, like S3's Last-Modified. */
  mtime: number;
}

/**
 * Refuses an entry that a tar cannot represent. This is a last check; `memberName` decides which names are safe to
 * extract.
 *
 * @throws {Error} that names the invalid field
 */
export function assertEntry({ name, size, mtime }: Entry): void {
  const quoted = JSON.stringify(name);
  if (name === '') throw new Error('a member needs a name');
  if (name.startsWith('/')) throw new Error(`member name ${quoted} starts with /`);
  // Readers older than ustar, and some current ones, treat a file whose name ends in / as a directory.
  if (name.endsWith('/')) throw new Error(`member name ${quoted} ends with /`);
  if (name.includes('\0')) throw new Error(`member name ${quoted} contains a zero byte`);
  if (!name.isWellFormed()) throw new Error(`member name ${quoted} has no UTF-8 form`);
  if (!Number.isSafeInteger(size) || size < 0) throw new Error(`member ${quoted} has the size ${size}`);
  if (!Number.isFinite(mtime)) throw new Error(`member ${quoted} has the mtime ${mtime}`);
}
