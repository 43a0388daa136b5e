/** A tar entry with a short ASCII name. */
export interface TarEntry {
  name: string;
  content: string;
}

const BLOCK = 512;

/** Reads the simulation's simple tars: regular files with names in the header. */
export function entriesOf(tar: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    const name = textAt(tar, at, 100);
    const size = parseInt(textAt(tar, at + 124, 12), 8);
    if (tar[at + 156] !== 0x30) throw new Error(`${name} is not a regular file`);
    entries.push({ name, content: tar.toString('utf8', at + BLOCK, at + BLOCK + size) });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}

function textAt(tar: Buffer, from: number, length: number): string {
  return tar.toString('utf8', from, from + length).split('\0')[0] ?? '';
}
