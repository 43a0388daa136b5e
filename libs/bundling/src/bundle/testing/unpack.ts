import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract, type Header } from 'tar-stream';

/** What tar-stream reads from a tar: an implementation that is not ours. */
export async function untar(tar: Uint8Array): Promise<{ header: Header; content: Buffer }[]> {
  const members: { header: Header; content: Buffer }[] = [];
  for await (const entry of Readable.from([tar]).pipe(extract())) {
    members.push({ header: entry.header, content: await buffer(entry) });
  }
  return members;
}
