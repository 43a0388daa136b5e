import type { Readable } from 'node:stream';

/** Calls back with every line of a stream, the last one also without a line end. Lines are cut at 256 KB. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(0, 262_144);
    for (const line of lines) if (line !== '') onLine(line.slice(0, 262_144));
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
