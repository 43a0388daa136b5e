import type { Terminal } from '@data-aggregator/terminal';

/** The figures of a running backfill. */
export interface Figures {
  listed: number;
  examined: number;
  enqueued: number;
  /** Messages in the queue that hold the backfill up; undefined if none do. */
  backlog?: number | undefined;
}

export interface Progress {
  update(changes: Partial<Figures>): void;
  /** Ends the display. */
  stop(): void;
}

const LINE_EVERY_MS = 200;
const JSON_EVERY_MS = 2_000;

/**
 * Shows progress: one line that is redrawn on a terminal, and otherwise a JSON line every two seconds.
 *
 * @param write writes to standard error
 * @param terminal standard error, if a person reads it
 */
export function showProgress(write: (text: string) => void, terminal: Terminal | undefined): Progress {
  const began = Date.now();
  const figures: Figures = { listed: 0, examined: 0, enqueued: 0 };
  const show = terminal
    ? () => void terminal.stream.write(`\r\u001b[K${progressLine(figures, Date.now() - began)}`)
    : () => write(`${JSON.stringify({ event: 'backfill.progress', ...figures })}\n`);
  const timer = setInterval(show, terminal ? LINE_EVERY_MS : JSON_EVERY_MS);
  return {
    update: (changes) => void Object.assign(figures, changes),
    stop() {
      clearInterval(timer);
      if (terminal) terminal.stream.write('\r\u001b[K');
    },
  };
}

/** The line on a terminal. */
export function progressLine({ listed, examined, enqueued, backlog }: Figures, elapsedMs: number): string {
  const seconds = Math.floor(elapsedMs / 1000);
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const counts = `listed ${listed}, examined ${examined}, enqueued ${enqueued}`;
  return backlog === undefined
    ? `${time}  ${counts}`
    : `${time}  ${counts}; waiting, because ${backlog} messages are in the queue`;
}
