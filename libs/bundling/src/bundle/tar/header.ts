/** Bytes of a tar block: headers are one, contents are padded to a multiple. */
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

/** The largest number that eleven octal digits hold: a size of 8 GiB − 1, a time in the year 2242. */
export const MAX_OCTAL = 0o77777777777;

/** A file (`0`) or the pax records of the file that follows (`x`). */
export type TypeFlag = '0' | 'x';

/** The fields that differ between our headers; all others are fixed. */
export interface Ustar {
  /** ASCII, at most 100 bytes. */
  name: string;
  /** ASCII, at most 155 bytes: the directory in front of `name`, without the slash between. */
  prefix: string;
  /** Bytes, at most MAX_OCTAL. */
  size: number;
  /** Seconds since the epoch, 0 to MAX_OCTAL. */
  seconds: number;
  typeflag: TypeFlag;
}

/**
 * One ustar header: mode 0644, owner root. Same fields, same bytes.
 *
 * @throws {RangeError} when a value does not fit its field
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

/** The sum of the header's bytes with the checksum field taken as spaces. */
function checksum(block: Buffer): number {
  let sum = FIELDS.checksum[1] * 0x20;
  for (const byte of block) sum += byte;
  return sum;
}

/**
 * A path as ustar's `prefix` and `name`, or nothing when it does not fit or is not printable ASCII (ustar does not
 * say in which character set its bytes are).
 */
export function splitName(path: string): { prefix: string; name: string } | undefined {
  if (!/^[\x20-\x7e]+$/.test(path)) return undefined;
  const [, nameLength] = FIELDS.name;
  const [, prefixLength] = FIELDS.prefix;
  if (path.length <= nameLength) return { prefix: '', name: path };
  // The leftmost slash that leaves a name short enough leaves the shortest prefix.
  const slash = path.indexOf('/', path.length - nameLength - 1);
  if (slash < 1 || slash > prefixLength || slash === path.length - 1) return undefined;
  return { prefix: path.slice(0, slash), name: path.slice(slash + 1) };
}
