/**
 * What is left of a name where a file system looks at it most loosely: two names that any file system takes for one
 * have one fold. File systems ignore case by tables of their own (NTFS, APFS, ext4), compare decomposed (APFS, HFS+,
 * ZFS) or compatibility forms (ZFS), and skip invisible characters (HFS+, ext4). The fold is coarser than each: names
 * that share a fold without need cost a suffix, names that clash unseen cost a file.
 */
export function fold(name: string): string {
  if (ASCII.test(name)) return name.toLowerCase();
  return looseCase(name.replace(IGNORABLE, '').normalize('NFKD'));
}

const ASCII = /^\p{ASCII}*$/u;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * Lower, upper and lower case again brings together what has several forms in one case: ẞ, ß and ss; σ and ς; ı and i.
 */
function looseCase(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase();
}
