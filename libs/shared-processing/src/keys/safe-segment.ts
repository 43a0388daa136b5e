import { hash } from 'node:crypto';

/** File names have at most 255 bytes on Linux, and 255 UTF-16 units on Windows and APFS; HFS+ counts them decomposed. */
const MAX_FILE_NAME = 255;

/** Only an ending of at most 16 letters and digits counts as an extension. */
const EXTENSION = /(?<=.)\.[A-Za-z0-9]{1,16}$/su;

/** Length of a `shortHash`. */
export const HASH_LENGTH = 12;

/**
 * Characters that some system rejects in a file name, or that disguise one:
 *
 * - those forbidden on Windows, such as `:` (a drive, an NTFS stream) and `\` (a separator there);
 * - control characters, line and paragraph separators, because lists of names have one per line;
 * - lone surrogates and noncharacters, which macOS rejects;
 * - invisible characters, including direction marks (`txt.exe` shown as `exe.txt`), except the joiners and variation
 *   selectors that spelling and emoji need.
 */
const FORBIDDEN =
  /[<>:"\\\|?*\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}[\p{Default_Ignorable_Code_Point}--[\p{Variation_Selector}\u200c\u200d]]]/gv;

/** Applied in this order. Applying them again changes nothing. */
const REWRITES: readonly [RegExp, string][] = [
  [FORBIDDEN, '_'],
  // Nothing visible: an empty segment (`a//b`, `/etc`, `folder/`), or only joiners and selectors.
  [/^\p{Default_Ignorable_Code_Point}*$/u, '_'],
  // Windows drops a trailing dot or space; the segment `.` would become empty.
  [/[. ]$/, '_'],
  // Even in quotes, a command reads `-rf` as an option. Other shell characters are harmless in quotes, and stay.
  [/^-/, '_'],
  // On macOS, tar and many file systems treat `._x` as metadata of x.
  [/^\._/, '__'],
  // Devices on Windows, with any extension; on macOS, the resource fork of a file.
  [/^(?:(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)|\.\.namedfork$)/i, '_$&'],
  // NTFS gives long names a second, short name: extracting `LONGNA~1.TXT` would overwrite `longname-2026.txt`.
  [/^([^.]{1,6})~(\d{1,6}(?:\.[^.]{0,3})?)$/, '$1_$2'],
];

/**
 * Turns a segment of a key into a file or folder name that is valid on Linux, macOS and Windows. The name is never empty,
 * `.` or `..`, and never too long. A safe segment stays unchanged.
 *
 * The name is in NFC, because some extractors compose names (bsdtar in a UTF-8 locale), and the name in the manifest must
 * equal the name on disk.
 *
 * @param segment must not be `..`: its meaning would be lost
 * @see https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
 */
export function safeSegment(segment: string): string {
  // Composed first. The replacements create nothing that composes: they are ASCII, and "_" and "-" do not compose.
  const composed = segment.normalize('NFC');
  const safe = REWRITES.reduce(
    (name, [pattern, replacement]) => name.replace(pattern, replacement),
    composed,
  );
  // Long names often differ only at their end, so a hash replaces the part that is cut off.
  return fitsFileName(safe) ? safe : withHashSuffix(safe, shortHash(segment));
}

/**
 * 48 bits of SHA-256 as 12 lower-case hex digits, to distinguish names. Collisions are detected and resolved, which would never
 * end if different texts always had the same hash. UTF-8 turns every lone surrogate into U+FFFD, so a text with one is hashed as
 * UTF-16.
 */
export function shortHash(text: string): string {
  const bytes = text.isWellFormed() ? text : Buffer.from(text, 'utf16le');
  return hash('sha256', bytes).slice(0, HASH_LENGTH);
}

/** Inserts a hash before the extension: `report.csv` becomes `report-1f.csv`. Shortens the name if it would be too long. */
export function withHashSuffix(segment: string, tag: string): string {
  const extension = EXTENSION.exec(segment)?.[0] ?? '';
  const ending = `-${tag}${extension}`;
  return cut(segment.slice(0, segment.length - extension.length), MAX_FILE_NAME - ending.length) + ending;
}

function fitsFileName(name: string): boolean {
  return Buffer.byteLength(name) <= MAX_FILE_NAME && name.normalize('NFD').length <= MAX_FILE_NAME;
}

/** As many whole characters as fit into `room` bytes and, decomposed, into `room` UTF-16 units. */
function cut(text: string, room: number): string {
  let [end, bytes, units] = [0, 0, 0];
  for (const char of text) {
    bytes += Buffer.byteLength(char);
    units += char.normalize('NFD').length;
    if (bytes > room || units > room) break;
    end += char.length;
  }
  return text.slice(0, end);
}
