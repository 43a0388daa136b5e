import { stderr } from '@data-aggregator/terminal';

/** Shows progress on standard error: in place on a terminal, one line every ten seconds in a pipe. @returns a function that shows a line if it is time */
export function createProgress(): (line: string, isLast?: boolean) => void {
  const { isTTY, stream } = stderr;
  const pause = isTTY ? 200 : 10_000;
  let last = performance.now();
  return (line, isLast = false) => {
    if (!isLast && performance.now() - last < pause) return;
    last = performance.now();
    stream.write(isTTY ? `\r${line}  ` : `${line}\n`);
  };
}
