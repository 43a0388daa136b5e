/**
 * Folds a name so that two names that any file system considers equal have the same fold. File systems ignore case by
 * their own tables (NTFS, APFS, ext4), compare decomposed (APFS, HFS+, ZFS) or compatibility forms (ZFS), and ignore
 * invisible characters (HFS+, ext4). The fold ignores more than each of them: an unnecessary match costs a suffix, but a
 * missed one costs a file.
 */
export function fold(name: string): string {
  if (ASCII.test(name)) return name.toLowerCase();
  return looseCase(name.replace(IGNORABLE, '').normalize('NFKD'));
}

const ASCII = /^\p{ASCII}*$/u;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * Lower, upper, then lower case again unifies characters with several forms in one case: ẞ, ß and ss; σ and ς; ı and i.
 */
function looseCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase();
}
