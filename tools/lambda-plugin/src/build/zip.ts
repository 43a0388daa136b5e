import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';

/** The earliest date that a zip can store. */
const DATE = new Date(1980, 0, 1);

/**
 * A zip of one regular file. The same contents produce the same zip on any machine: the date is fixed and has no time
 * zone, and nothing is compressed, because zlib's output differs between processors.
 */
export async function zipOf(fileName: string, contents: Buffer): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  zip.addBuffer(contents, fileName, {
    mtime: DATE,
    mode: 0o100644,
    compress: false,
    forceDosTimestamp: true,
  });
  zip.end();
  return buffer(Readable.from(zip.outputStream));
}
