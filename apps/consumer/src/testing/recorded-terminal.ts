import { Writable } from 'node:stream';
import { createTerminal } from '@data-aggregator/terminal';

/** An output that is no terminal. */
export function recordedTerminal() {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return {
    terminal: createTerminal(stream, {}),
    text: () => text,
    /** Its JSON lines. */
    lines: () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as unknown),
  };
}
