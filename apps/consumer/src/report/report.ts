import { type Terminal, visible } from '@data-aggregator/terminal';
import { MultiBar } from 'cli-progress';

export type Level = 'info' | 'warn' | 'error';
export type Fields = Readonly<Record<string, unknown>>;

/** Figures since the start, and what is waiting now. */
export interface Figures {
  bundles: number;
  files: number;
  /** Of the files. */
  bytes: number;
  /** Downloaded, also in failed attempts. */
  received: number;
  setAside: number;
  /** Bundles in the bucket at the last listing. */
  waiting: number;
  /** Age of the oldest of them in seconds. */
  oldestSeconds: number;
  /** Seconds from landing to disk of the last bundle's first file. */
  landingToDiskSeconds: number | undefined;
  /** When the last bundle was delivered, ms since the epoch. */
  lastDeliveredAt: number | undefined;
  pendingHooks: number;
  /** Why work has stopped, if it has. */
  condition: string | undefined;
}

/** What the consumer tells about itself: one line for each event, and figures. */
export interface Report {
  readonly figures: Figures;
  event(level: Level, name: string, fields?: Fields): void;
  update(changes: Partial<Figures>): void;
  stop(): void;
}

const BAR = '{bar} {bundles} bundles | {files} files | {mb} MB | {waiting} waiting {condition}';

/** A progress bar with readable lines on a terminal; otherwise JSON lines. @param now ms since the epoch */
export function createReport(output: Terminal, now: () => number, json = !output.isTTY): Report {
  const figures: Figures = {
    ...{
      bundles: 0,
      files: 0,
      bytes: 0,
      received: 0,
      setAside: 0,
      waiting: 0,
      oldestSeconds: 0,
      pendingHooks: 0,
    },
    ...{ landingToDiskSeconds: undefined, lastDeliveredAt: undefined, condition: undefined },
  };
  const draw = json ? undefined : createBar(output, figures);
  return {
    figures,
    event(level, name, fields = {}) {
      if (draw) return draw.line(readable(level, name, fields));
      const time = new Date(now()).toISOString();
      output.write(`${JSON.stringify({ time, level, event: name, ...fields })}\n`);
    },
    update(changes) {
      Object.assign(figures, changes);
      draw?.show();
    },
    stop: () => draw?.stop(),
  };
}

function createBar({ stream }: Terminal, figures: Figures) {
  const bars = new MultiBar({
    stream,
    format: BAR,
    barsize: 20,
    hideCursor: true,
    clearOnComplete: true,
    linewrap: false,
    fps: 5,
  });
  const payload = () => ({
    ...figures,
    mb: (figures.bytes / 1e6).toFixed(1),
    condition: figures.condition === undefined ? '' : `| ${figures.condition}`,
  });
  const bar = bars.create(1, 0, payload());
  return {
    line: (text: string) => bars.log(`${text}\n`),
    show() {
      bar.setTotal(Math.max(1, figures.bundles + figures.waiting));
      bar.update(figures.bundles, payload());
    },
    stop() {
      // Lines wait for the next time the bar is drawn.
      bars.update();
      bars.stop();
    },
  };
}

/** `bundle.delivered  bundle=bundles/…  files=40` */
function readable(level: Level, name: string, fields: Fields): string {
  const pairs = Object.entries(fields).map(([field, value]) => {
    const text = typeof value === 'string' && /^[\w./:+-]+$/.test(value) ? value : JSON.stringify(value);
    return `${field}=${text}`;
  });
  return visible([level === 'info' ? name : `${level.toUpperCase()} ${name}`, ...pairs].join('  '));
}
