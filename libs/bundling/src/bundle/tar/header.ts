/** Size of a tar block in bytes. A header is one block; contents are padded to whole blocks. */
export const BLOCK = 512;

/** Offset and length of each ustar field (POSIX.1-2017, pax, "ustar Interchange Format"). */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  typeflag: [156, 1],
  magic: [257, 8],
  uname: [265, 32],
  gname: [297, 32],
  devmajor: [329, 8],
  devminor: [337, 8],
  prefix: [345, 155],
} as const;

/** The largest number that eleven octal digits can express: a size of 8 GiB − 1, a time in the year 2242. */
export const MAX_OCTAL = 0o77777777777;

/** A file (`0`) or the pax records of the file that follows (`x`). */
export type TypeFlag = '0' | 'x';

/** The fields that vary; all others are fixed. */
export interface Ustar {
  /** ASCII, at most 100 bytes. */
  name: string;
  /** ASCII, at most 155 bytes: the directory of `name`, without the slash between them. */
  prefix: string;
  /** Bytes, at most MAX_OCTAL. */
  size: number;
  /** Seconds since the epoch, 0 to MAX_OCTAL. */
  seconds: number;
  typeflag: TypeFlag;
}

/**
 * Returns a ustar header: mode 0644, owner root. The same fields always give the same bytes.
 *
 * @throws {RangeError} if a value does not fit its field
 */
export function ustarHeader({ name, prefix, size, seconds, typeflag }: Ustar): Buffer {
  const block = Buffer.alloc(BLOCK);
  const text = (field: keyof typeof FIELDS, value: string): void => {
    const [offset, length] = FIELDS[field];
    if (value.length > length)
      throw new RangeError(`${field} ${JSON.stringify(value)} is over ${length} bytes`);
    block.write(value, offset, 'latin1');
  };
  const octal = (field: keyof typeof FIELDS, value: number): void => {
    const digits = FIELDS[field][1] - 1;
    text(field, `${value.toString(8).padStart(digits, '0')}\0`);
  };
  text('name', name);
  octal('mode', 0o644);
  octal('uid', 0);
  octal('gid', 0);
  octal('size', size);
  octal('mtime', seconds);
  text('typeflag', typeflag);
  text('magic', 'ustar\x0000');
  text('uname', 'root');
  text('gname', 'root');
  octal('devmajor', 0);
  octal('devminor', 0);
  text('prefix', prefix);
  text('checksum', `${checksum(block).toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** The sum of the header's bytes, counting the checksum field as spaces. */
function checksum(block: Buffer): number {
  let sum = FIELDS.checksum[1] * 0x20;
  for (const byte of block) sum += byte;
  return sum;
}

/**
 * Splits a path into ustar's `prefix` and `name`. Returns undefined if it does not fit or is not printable ASCII, because
 * ustar does not define a character set.
 */
export function splitName(path: string): { prefix: string; name: string } | undefined {
  if (!/^[\x20-\x7e]+$/.test(path)) return undefined;
  const [, nameLength] = FIELDS.name;
  const [, prefixLength] = FIELDS.prefix;
  if (path.length <= nameLength) return { prefix: '', name: path };
  // The leftmost slash that makes the name fit gives the shortest prefix.
  const slash = path.indexOf('/', path.length - nameLength - 1);
  if (slash < 1 || slash > prefixLength) return undefined;
  return { prefix: path.slice(0, slash), name: path.slice(slash + 1) };
}
