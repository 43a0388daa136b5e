import { type Terminal, visible } from '@data-aggregator/terminal';
import { MultiBar } from 'cli-progress';

/** The state of a run. */
export interface Standing {
  total: number;
  uploaded: number;
  /** Notifications waiting or in progress. */
  queued: number;
  bundled: number;
  /** Bytes moved in the current phase; shown if they are many. */
  bytes: number;
}

/** Displays the state of a run. */
export interface Progress {
  /** Names the current step, in a word or two. */
  phase: (text: string) => void;
  update: (changes: Partial<Standing>) => void;
  /** Prints a line. */
  note: (text: string) => void;
  /** Ends the display. */
  stop: () => void;
}

const BAR = '{elapsed}  {bar} {phase} | uploaded {uploaded}/{total} | queued {queued} | bundled {bundled}';
const LINE_EVERY_MS = 3_000;
const SHOWN_BYTES = 100e6;

/** A progress bar on a terminal; otherwise a plain line every few seconds. */
export function showProgress(total: number, output: Terminal): Progress {
  return output.isTTY ? bar(total, output) : plainLines(total, output);
}

function bar(total: number, { stream }: Terminal): Progress {
  const started = Date.now();
  const standing: Standing = { total, uploaded: 0, queued: 0, bundled: 0, bytes: 0 };
  let phase = '';
  // A MultiBar, because only it can print notes above the bar.
  const bars = new MultiBar({
    stream,
    format: BAR,
    barsize: 20,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    fps: 5,
  });
  const payload = () => ({ ...standing, phase: phase + moved(standing), elapsed: elapsed(started) });
  const single = bars.create(total, 0, payload());
  const show = () => single.update(standing.bundled, payload());
  const clock = setInterval(show, 1000);
  return {
    phase(text) {
      phase = text;
      standing.bytes = 0;
      show();
    },
    update(changes) {
      Object.assign(standing, changes);
      show();
    },
    note: (text) => bars.log(`${elapsed(started)}  ${visible(text)}\n`),
    stop() {
      clearInterval(clock);
      bars.stop();
    },
  };
}

/** Plain lines, for pipes and files. */
export function plainLines(
  total: number,
  output: Pick<Terminal, 'write'>,
  everyMs = LINE_EVERY_MS,
): Progress {
  const started = Date.now();
  const standing: Standing = { total, uploaded: 0, queued: 0, bundled: 0, bytes: 0 };
  let phase = '';
  let stopped = false;
  const line = (text: string) => {
    if (!stopped) output.write(`${elapsed(started)}  ${visible(text)}\n`);
  };
  const show = () => {
    const { uploaded, queued, bundled } = standing;
    line(`${phase}${moved(standing)}: uploaded ${uploaded}/${total}, queued ${queued}, bundled ${bundled}`);
  };
  const clock = setInterval(show, everyMs);
  return {
    phase(text) {
      phase = text;
      standing.bytes = 0;
      show();
    },
    update: (changes) => void Object.assign(standing, changes),
    note: line,
    stop() {
      stopped = true;
      clearInterval(clock);
    },
  };
}

/** ` (1,234 MB)` */
function moved({ bytes }: Standing): string {
  return bytes < SHOWN_BYTES ? '' : ` (${Math.floor(bytes / 1e6).toLocaleString('en-US')} MB)`;
}

/** `0:07`, `12:34` */
function elapsed(since: number): string {
  const seconds = Math.floor((Date.now() - since) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
