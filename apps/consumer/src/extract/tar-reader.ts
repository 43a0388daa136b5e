/*
 * Reads a tar of unknown origin, chunk by chunk. It accepts what the aggregator writes and nothing else: regular files with ustar
 * headers, and a pax header in front of a file for a long name or a large size. Links, devices, folders, global headers and GNU
 * extensions are errors. Memory is bounded by one header.
 *
 *     ┌────────┬─────────┬────────┬─────────┬ … ┬───────┬───────┬ …
 *     │ header │ content │ header │ content │   │ zeros │ zeros │ zeros until the end
 *     └────────┴─────────┴────────┴─────────┴ … ┴───────┴───────┴ …
 *       512 B    padded to a multiple of 512 B      512 B   512 B
 */

/** The bytes are not a tar as the aggregator writes it. */
export class TarError extends Error {
  override readonly name = 'TarError';
}

export type TarEvent =
  /** A file begins. Exactly `size` bytes of data follow, then `end`. */
  { kind: 'file'; name: string; size: number } | { kind: 'data'; bytes: Buffer } | { kind: 'end' };

export interface TarReader {
  /** The events in the next chunk. `data` is a view into it. Consume them all. @throws TarError */
  push(chunk: Buffer): Generator<TarEvent>;
  /** Call it after the last chunk. @throws TarError if the tar is truncated */
  finish(): void;
}

const BLOCK = 512;
/** Names have at most 768 bytes; everything else in a pax header is short. */
const MAX_PAX_BYTES = 16 * 1024;
/** GNU tar pads an archive to 10 KiB; more than this is no padding. */
const MAX_TRAILER_BYTES = 1024 ** 2;

const TYPES: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a character device',
  '4': 'a block device',
  '5': 'a folder',
  '6': 'a pipe',
  g: 'a global header',
};

type State =
  | { at: 'header' }
  | { at: 'pax'; left: number; body: Buffer[]; padding: number }
  | { at: 'content'; left: number; padding: number }
  | { at: 'padding'; left: number }
  | { at: 'trailer'; bytes: number };

export function createTarReader(): TarReader {
  let state: State = { at: 'header' };
  const block = Buffer.alloc(BLOCK);
  /** Bytes of the header in `block`. */
  let filled = 0;
  let pax: Map<string, string> | undefined;

  function* header(): Generator<TarEvent> {
    if (isZero(block)) {
      if (pax) throw new TarError('a pax header has no file');
      state = { at: 'trailer', bytes: BLOCK };
      return;
    }
    const { name, size, type } = parseHeader(block, pax?.get('size'));
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (type === 'x') {
      if (pax) throw new TarError('a pax header follows another');
      if (size === 0 || size > MAX_PAX_BYTES) throw new TarError(`a pax header has ${size} bytes`);
      state = { at: 'pax', left: size, body: [], padding };
      return;
    }
    if (type !== '0') {
      throw new TarError(
        `${JSON.stringify(name)} is not a regular file but ${TYPES[type] ?? `of type "${type}"`}`,
      );
    }
    const file = { name: pax?.get('path') ?? name, size };
    pax = undefined;
    yield { kind: 'file', ...file };
    state = { at: 'content', left: size, padding };
  }

  return {
    *push(chunk) {
      let at = 0;
      while (at < chunk.length) {
        switch (state.at) {
          case 'header': {
            const copied = chunk.copy(block, filled, at);
            at += copied;
            filled = (filled + copied) % BLOCK;
            if (filled === 0) yield* header();
            break;
          }
          case 'pax': {
            const piece = chunk.subarray(at, at + state.left);
            at += piece.length;
            state.body.push(Buffer.from(piece));
            state.left -= piece.length;
            if (state.left > 0) break;
            pax = parsePax(Buffer.concat(state.body));
            state = { at: 'padding', left: state.padding };
            break;
          }
          case 'content': {
            const bytes = chunk.subarray(at, at + state.left);
            at += bytes.length;
            state.left -= bytes.length;
            const { left, padding } = state;
            yield { kind: 'data', bytes };
            if (left > 0) break;
            yield { kind: 'end' };
            state = { at: 'padding', left: padding };
            break;
          }
          case 'padding': {
            const length = Math.min(state.left, chunk.length - at);
            at += length;
            state.left -= length;
            if (state.left === 0) state = { at: 'header' };
            break;
          }
          case 'trailer': {
            const rest = chunk.subarray(at);
            if (!isZero(rest)) throw new TarError('the tar goes on after its end');
            state.bytes += rest.length;
            if (state.bytes > MAX_TRAILER_BYTES) throw new TarError('the tar has too many zeros at its end');
            at = chunk.length;
            break;
          }
        }
      }
    },
    finish() {
      if (state.at !== 'trailer' || state.bytes < 2 * BLOCK) throw new TarError('the tar is truncated');
    },
  };
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** @param paxSize for a size that the header cannot hold; the header's own is then undefined */
function parseHeader(
  block: Buffer,
  paxSize: string | undefined,
): { name: string; size: number; type: string } {
  if (block.toString('latin1', 257, 265) !== 'ustar\x0000')
    throw new TarError('a header is not of the ustar format');
  if (octal(block, 148, 8) !== checksumOf(block)) throw new TarError('the checksum of a header is wrong');
  const prefix = text(block, 345, 155);
  const name = text(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: paxSize === undefined ? octal(block, 124, 12) : decimal(paxSize),
    type: block.toString('latin1', 156, 157),
  };
}

/** The sum of all bytes, with spaces where the checksum itself is. */
function checksumOf(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const byte of block.subarray(0, 148)) sum += byte;
  for (const byte of block.subarray(156)) sum += byte;
  return sum;
}

function text(block: Buffer, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}

function octal(block: Buffer, offset: number, length: number): number {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(block.toString('latin1', offset, offset + length))?.[1];
  if (digits === undefined) throw new TarError('a number in a header is not octal');
  return Number.parseInt(digits, 8);
}

function decimal(digits: string): number {
  const value = /^\d+$/.test(digits) ? Number(digits) : NaN;
  if (!Number.isSafeInteger(value)) throw new TarError(`a pax header has the size ${JSON.stringify(digits)}`);
  return value;
}

/** Records of the form `<length> <key>=<value>\n`, where the length is that of the record in bytes. */
function parsePax(body: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < body.length) {
    const length = Number(/^(\d{1,5}) /.exec(body.toString('latin1', at, at + 6))?.[1]);
    const record = body.subarray(at, at + length);
    const key = record.indexOf(' ') + 1;
    const equals = record.indexOf('=');
    const isWhole = record.length === length && record.at(-1) === 0x0a;
    if (!isWhole || equals <= key) throw new TarError('a pax header has a malformed record');
    records.set(record.toString('utf8', key, equals), record.toString('utf8', equals + 1, record.length - 1));
    at += record.length;
  }
  return records;
}
