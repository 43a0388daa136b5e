const END = 'PK\x05\x06';
const ENTRY = 'PK\x01\x02';
const STORED = 0;

/**
 * The only file of an uncompressed zip, as `nx run <function>:package` writes it.
 *
 * @throws Error for any other zip
 */
export function onlyFileOf(zip: Buffer): { name: string; content: Buffer } {
  const end = zip.lastIndexOf(END, undefined, 'latin1');
  const entry = zip.readUInt32LE(end + 16);
  const isEntry = zip.toString('latin1', entry, entry + 4) === ENTRY;
  if (!isEntry || zip.readUInt16LE(end + 10) !== 1 || zip.readUInt16LE(entry + 10) !== STORED) {
    throw new Error('this is no zip of one file that is stored as it is');
  }
  const name = zip.toString('utf8', entry + 46, entry + 46 + zip.readUInt16LE(entry + 28));
  const size = zip.readUInt32LE(entry + 24);
  const header = zip.readUInt32LE(entry + 42);
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  return { name, content: zip.subarray(start, start + size) };
}
