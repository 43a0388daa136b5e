/** What the tar says of one regular file. */
export interface Entry {
  /** Path inside the bundle: relative, UTF-8, made safe by the caller. */
  name: string;
  /** Bytes. */
  size: number;
  /** Milliseconds since the epoch; the tar holds whole seconds, as S3's Last-Modified does. */
  mtime: number;
}

/**
 * Refuses an entry that a tar cannot tell truly. It is the last fence, not the rule for names: what is safe to extract
 * is decided where names are made.
 *
 * @throws {Error} with the field that is wrong
 */
export function assertEntry({ name, size, mtime }: Entry): void {
  const quoted = JSON.stringify(name);
  if (name === '') throw new Error('a member needs a name');
  if (name.startsWith('/')) throw new Error(`member name ${quoted} starts with /`);
  // Readers from before ustar take a file whose name ends in / for a directory, and some still do.
  if (name.endsWith('/')) throw new Error(`member name ${quoted} ends with /`);
  if (name.includes('\0')) throw new Error(`member name ${quoted} holds a zero byte`);
  if (!name.isWellFormed()) throw new Error(`member name ${quoted} has no UTF-8 form`);
  if (!Number.isSafeInteger(size) || size < 0) throw new Error(`member ${quoted} has the size ${size}`);
  if (!Number.isFinite(mtime)) throw new Error(`member ${quoted} has the mtime ${mtime}`);
}
