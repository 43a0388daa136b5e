import * as fc from 'fast-check';

/** Pieces that some system, program or comparison mishandles; keys are concatenated from them. */
const PIECES = [
  ...['a', 'A', 'b', 'x.txt', '.txt', '1', '~1', '~', '_', '-', '--', '.', '..', ' ', '$', '__'],
  ...['/', '/', '/', '//', '\\', ':', '*', '?', '"', '<', '>', '|', '\0', '\n', '\x7f', '\x85'],
  ...['CON', 'con', 'nul', 'COM1', 'com¹', 'LPT9', 'CONIN$', '._', '..namedfork', 'LONGNA~1.TXT'],
  ...['ä', 'a\u0308', 'Ä', 'ß', 'ẞ', 'SS', 'ss', 'ﬁ', 'fi', 'ı', 'i', 'I', 'İ', 'K', 'k', 'ς', 'σ', 'Σ', 'ΐ'],
  ...[
    'e\u0301',
    'é',
    'A\u030a',
    '\u212b',
    '\u2126',
    '\u037e',
    '>\u0338',
    '\u1112\u1161\u11ab',
    '\u0301',
    'q\u0323\u0307',
  ],
  ...['\u{1d15e}', '\u{2f800}', '\u0958'],
  ...['Ａ', '①', '…', '／', '한', '한', '\u0345', '👨‍👩‍👧', '❤️', '❤'],
  ...['\u202e', '\u200b', '\u200d', '\u2028', '\ufeff', '\ufe0f', '\ud800', '\udc00', '\uffff', '\u{e0041}'],
  ...['x'.repeat(250), '€'.repeat(85), 'deep/'.repeat(60)],
] as const;

/** Keys that a malicious or careless uploader might choose. */
export const hostileKey: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 1024 }) },
);

/** Rules of the systems that extract bundles, written independently of the code under test. */
const RULES: Record<string, (segment: string, path: string) => boolean> = {
  'not empty, "." or ".."': (segment) => !['', '.', '..'].includes(segment),
  'relative, without a drive': (_, path) => !/^([/\\]|[a-z]:)/i.test(path),
  'no character that Windows forbids': (segment) => !/[<>:"\\|?*]/.test(segment),
  'no control character': (segment) =>
    ![...segment].some((char) => char < ' ' || (char >= '\x7f' && char <= '\x9f')),
  'in NFC, as bsdtar extracts it': (segment) => segment === segment.normalize('NFC'),
  'well-formed': (segment) => segment.isWellFormed(),
  'no direction mark': (segment) => !/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/.test(segment),
  'something visible': (segment) => /[^\p{Cf}\p{Mn}]/u.test(segment) || /\p{Mn}/u.test(segment),
  'no trailing dot or space': (segment) => !segment.endsWith('.') && !segment.endsWith(' '),
  'no device': (segment) => {
    const stem = (segment.split('.')[0] ?? '').trimEnd().toUpperCase();
    return !(
      ['CON', 'PRN', 'AUX', 'NUL', 'CONIN$', 'CONOUT$'].includes(stem) ||
      (/^(COM|LPT)/.test(stem) && stem.length === 4 && '0123456789¹²³'.includes(stem.charAt(3)))
    );
  },
  'no option': (segment) => !segment.startsWith('-'),
  'no AppleDouble file': (segment) => !segment.startsWith('._'),
  'at most 255 bytes': (segment) => new TextEncoder().encode(segment).length <= 255,
  'at most 255 units, decomposed': (segment) => segment.normalize('NFD').length <= 255,
};

/** The rules that a name breaks. */
export function brokenRules(name: string): string[] {
  return Object.keys(RULES).filter(
    (rule) => !name.split('/').every((segment) => RULES[rule]?.(segment, name)),
  );
}

/** How each file system compares names, simplified, and written independently of `fold`. */
export const FILE_SYSTEMS: Record<string, (name: string) => string> = {
  ext4: (name) => name,
  NTFS: (name) =>
    [...name].map((char) => (char.toUpperCase().length === char.length ? char.toUpperCase() : char)).join(''),
  APFS: (name) => name.normalize('NFD').toLowerCase().normalize('NFD'),
  'HFS+': (name) =>
    name
      .normalize('NFD')
      .replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '')
      .toLowerCase(),
  'ext4 with casefold': (name) =>
    name
      .normalize('NFD')
      .replace(/\p{Cf}|[\ufe00-\ufe0f]/gu, '')
      .toLowerCase(),
  'ZFS formKD': (name) => name.normalize('NFKD').toUpperCase(),
};

/**
 * Extracts names to a file system with this comparison, and returns the names that were lost: overwritten, or impossible
 * to create because a file is in the place of a folder.
 */
export function collisionsOn(compare: (name: string) => string, names: readonly string[]): string[] {
  const files = new Set<string>();
  const folders = new Set<string>();
  const lost: string[] = [];
  for (const name of names) {
    const segments = name.split('/').map(compare);
    const above = segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('\0'));
    const file = segments.join('\0');
    if (files.has(file) || folders.has(file) || above.some((folder) => files.has(folder))) lost.push(name);
    files.add(file);
    above.forEach((folder) => folders.add(folder));
  }
  return lost;
}
