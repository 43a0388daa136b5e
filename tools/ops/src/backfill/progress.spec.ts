import { Writable } from 'node:stream';
import type { Terminal } from '@data-aggregator/terminal';
import { progressLine, showProgress } from './progress.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('progress', () => {
  it('is a JSON line every two seconds where no person reads it', () => {
    const lines: string[] = [];
    const progress = showProgress((line) => lines.push(line), undefined);
    progress.update({ listed: 1_000, examined: 900, enqueued: 20 });
    jest.advanceTimersByTime(4_100);
    progress.stop();
    jest.advanceTimersByTime(10_000);
    const figures = { event: 'backfill.progress', listed: 1_000, examined: 900, enqueued: 20 };
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([figures, figures]);
  });

  it('is one line on a terminal, which is cleared at the end', () => {
    let shown = '';
    const stream = new Writable({ write: (chunk: Buffer, _, done) => ((shown += chunk.toString()), done()) });
    const terminal: Terminal = { stream, write: () => undefined, isTTY: true, hasColour: true };
    const progress = showProgress(() => undefined, terminal);
    progress.update({ enqueued: 5 });
    jest.advanceTimersByTime(250);
    progress.stop();
    expect(shown).toBe('\r\u001b[K0:00  listed 0, examined 0, enqueued 5\r\u001b[K');
  });

  it('says why nothing is sent', () => {
    const figures = { listed: 1, examined: 1, enqueued: 1, backlog: 2_345 };
    expect(progressLine(figures, 61_000)).toBe(
      '1:01  listed 1, examined 1, enqueued 1; waiting, because 2345 messages are in the queue',
    );
  });
});
