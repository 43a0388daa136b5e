import { hash } from 'node:crypto';

/** File names have at most 255 bytes on Linux, and 255 UTF-16 units on Windows and APFS; HFS+ counts them decomposed. */
const MAX_FILE_NAME = 255;

/** Only an ending of at most 16 letters and digits counts as an extension. */
const EXTENSION = /(?<=.)\.[A-Za-z0-9]{1,16}$/su;

/** Length of a `shortHash`. */
export const HASH_LENGTH = 12;

/**
 * Characters that some system refuses in a file name, or that disguise one:
 *
 * - what Windows forbids, among it `:` (a drive, an NTFS stream) and `\` (a separator there);
 * - control characters, line and paragraph separators: a list of names has one a line;
 * - lone surrogates and noncharacters, which are no text: macOS refuses them;
 * - invisible characters, marks that turn the writing direction among them (`txt.exe` shown as `exe.txt`), except
 *   the joiners and variation selectors that spelling and emoji need.
 */
const FORBIDDEN =
  /[<>:"\\\|?*\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}[\p{Default_Ignorable_Code_Point}--[\p{Variation_Selector}\u200c\u200d]]]/gv;

/** In order; each leaves alone what it has rewritten, and what the others have. */
const REWRITES: readonly [RegExp, string][] = [
  [FORBIDDEN, '_'],
  // Nothing to see: an empty segment (`a//b`, `/etc`, `folder/`), or one of joiners and selectors only.
  [/^\p{Default_Ignorable_Code_Point}*$/u, '_'],
  // Windows drops a trailing dot or space, which also leaves nothing of the segment `.`.
  [/[. ]$/, '_'],
  // A script that quotes well still hands `-rf` to a command as an option. Other shell characters need no more than
  // quotes, and stay.
  [/^-/, '_'],
  // On macOS, tar and many file systems take `._x` for the metadata of x, not for a file.
  [/^\._/, '__'],
  // Devices on Windows, whatever extension follows; on macOS the resource fork of a file.
  [/^(?:(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)|\.\.namedfork$)/i, '_$&'],
  // NTFS gives long names a second, short one: extracting `LONGNA~1.TXT` would overwrite `longname-2026.txt`.
  [/^([^.]{1,6})~(\d{1,6}(?:\.[^.]{0,3})?)$/, '$1_$2'],
];

/**
 * A file or folder name that Linux, macOS and Windows take as it stands, made from one segment of a key. Never empty,
 * `.` or `..`, and never longer than a file name may be; a safe segment comes back unchanged.
 *
 * It is in NFC: extractors compose names (bsdtar in a UTF-8 locale), and the name in the manifest must be the name on disk.
 *
 * @param segment no `..`, which cannot be a name: its meaning would be lost
 * @see https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
 */
export function safeSegment(segment: string): string {
  // Composed first. No replacement brings together what would compose: each is ASCII, and "_" and "-" compose with nothing.
  const composed = segment.normalize('NFC');
  const safe = REWRITES.reduce(
    (name, [pattern, replacement]) => name.replace(pattern, replacement),
    composed,
  );
  // Long names are often alike but for their end, so what is cut off lives on in a hash.
  return fitsFileName(safe) ? safe : withHashSuffix(safe, shortHash(segment));
}

/** 48 bits of SHA-256 as 12 lower-case hex digits, to distinguish names. Collisions are detected and resolved. */
export function shortHash(text: string): string {
  return hash('sha256', text).slice(0, HASH_LENGTH);
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
