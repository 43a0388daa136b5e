import { assertEntry, type Entry } from './entry.ts';
import { BLOCK, MAX_OCTAL, splitName, ustarHeader } from './header.ts';

/**
 * One pax record: `<length> <key>=<value>\n`, where the length counts the whole record in bytes, its own digits
 * included (POSIX.1-2017, pax, "pax Extended Header").
 */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  // Adding its own digits can take the length past a power of ten, at most once.
  let length = bytes + String(bytes).length;
  length = bytes + String(length).length;
  return `${length}${rest}`;
}

/** The body of a pax extended header, with the records in the given order. */
export function paxBody(records: ReadonlyMap<string, string>): Buffer {
  return Buffer.from([...records].map(([key, value]) => paxRecord(key, value)).join(''));
}

/** The end of a tar: two blocks of zeros. It is not padded to a full record, because every reader accepts a file without. */
export const TAR_END: Uint8Array = Buffer.alloc(2 * BLOCK);

const ZEROS = Buffer.alloc(BLOCK);

/** The zeros that pad a content of `size` bytes to a whole block. */
export function padding(size: number): Uint8Array {
  const over = size % BLOCK;
  return over === 0 ? ZEROS.subarray(0, 0) : ZEROS.subarray(over);
}

/**
 * The bytes before a member's content: its ustar header, preceded by a pax extended header if ustar cannot express the
 * name, the size or the time.
 *
 * @throws {Error} if a tar cannot represent the entry
 */
export function memberHeader(entry: Entry): Buffer {
  assertEntry(entry);
  const seconds = Math.floor(entry.mtime / 1000);
  const records = new Map<string, string>();

  const split = splitName(entry.name);
  if (split === undefined) records.set('path', entry.name);
  const sizeFits = entry.size <= MAX_OCTAL;
  if (!sizeFits) records.set('size', String(entry.size));
  const timeFits = seconds >= 0 && seconds <= MAX_OCTAL;
  if (!timeFits) records.set('mtime', String(seconds));

  const file = ustarHeader({
    ...(split ?? { prefix: '', name: standIn(entry.name) }),
    size: sizeFits ? entry.size : 0,
    seconds: timeFits ? seconds : 0,
    typeflag: '0',
  });
  if (records.size === 0) return file;

  const body = paxBody(records);
  const pax = ustarHeader({
    prefix: '',
    name: `PaxHeaders/${standIn(entry.name)}`,
    size: body.length,
    seconds: 0,
    typeflag: 'x',
  });
  return Buffer.concat([pax, body, padding(body.length), file]);
}

/** A name for readers that do not support pax: the end of the real one, in ASCII. */
function standIn(name: string): string {
  return name
    .slice(name.lastIndexOf('/') + 1)
    .replace(/[^\x20-\x7e]/g, '_')
    .slice(0, 80);
}
