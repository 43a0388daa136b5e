import {
  type Estimate,
  largeAssumptions,
  type LargeAssumptions,
  type Route,
  routeLines,
  routeOf,
  totalUsd,
  usageOf,
} from '@data-aggregator/cost-model';
import Table from 'cli-table3';

/** The cost of one object by streaming and by copying, where they differ: requests, compute, storage and transfer of its bundle. */
export interface RouteCost {
  gb: number;
  /** How the object would be streamed. */
  streamed: Exclude<Route, 'copy'>;
  /** Whether one invocation can stream it. */
  canStream: boolean;
  streamUsd: number;
  copyUsd: number;
}

/** From what size copying is cheaper. */
export interface BreakEven {
  /** Bytes of an object per byte of its bundle, if it is streamed. */
  compressRatio: number;
  /** Gigabytes; undefined if streaming is cheaper wherever it is possible. */
  copyFromGb: number | undefined;
}

/** 10 MB to 5 TB. */
const sizesGb = [0.01, 0.1, 0.3, 1, 3, 10, 100, 1_000, 5_000] as const;
const ratios = [1, 1.005, 1.01, 1.012, 1.02, 1.1, 4] as const;

const SMALLEST_GB = 0.006;
const LARGEST_GB = 5_000;
/** Factor between two sizes that are tried. */
const STEP = 1.01;

export function routeCost(
  gb: number,
  compressRatio: number,
  estimate: Estimate,
  assumed: LargeAssumptions = largeAssumptions,
): RouteCost {
  const cost = (how: 'stream' | 'copy') => {
    const usage = usageOf(how, { gb, compressRatio }, assumed);
    return { route: usage.route, usd: totalUsd(routeLines(usage, 1, estimate)) };
  };
  const stream = cost('stream');
  return {
    gb,
    streamed: stream.route === 'whole' ? 'whole' : 'parts',
    canStream: routeOf(gb, estimate.design, assumed) === 'stream',
    streamUsd: stream.usd,
    copyUsd: cost('copy').usd,
  };
}

/** The size from which copying is cheaper, up to what one invocation can stream; to one percent. */
export function breakEven(
  compressRatio: number,
  estimate: Estimate,
  assumed: LargeAssumptions = largeAssumptions,
): BreakEven {
  let copyFromGb: number | undefined;
  for (let gb = LARGEST_GB; gb >= SMALLEST_GB; gb /= STEP) {
    const { canStream, streamUsd, copyUsd } = routeCost(gb, compressRatio, estimate, assumed);
    if (!canStream) continue;
    if (copyUsd >= streamUsd) break;
    copyFromGb = gb;
  }
  return { compressRatio, copyFromGb };
}

/** What the command prints with `--routes`. */
export interface ComparedRoutes {
  sizes: RouteCost[];
  breakEvens: BreakEven[];
}

/** Compares the routes of an object that does not compress, at several sizes, and the break-even at several ratios. */
export function compareRoutes(estimate: Estimate, assumed: LargeAssumptions): ComparedRoutes {
  return {
    sizes: sizesGb.map((gb) => routeCost(gb, 1, estimate, assumed)),
    breakEvens: ratios.map((ratio) => breakEven(ratio, estimate, assumed)),
  };
}

export function routesText(
  { sizes, breakEvens }: ComparedRoutes,
  { streamMbPerSecond, copyMbPerSecond }: LargeAssumptions,
): string {
  const table = (head: string[], rows: string[][]) => {
    const made = new Table({
      head,
      style: { head: [], border: [] },
      chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
      colAligns: head.map(() => 'right'),
    });
    made.push(...rows);
    return made.toString();
  };
  return [
    `One object that does not compress, streamed at ${streamMbPerSecond} MB/s or copied at ${copyMbPerSecond} MB/s:`,
    table(
      ['Size', 'Streamed', 'Streaming, USD', 'Copying, USD', 'One invocation can stream it'],
      sizes.map(({ gb, streamed, streamUsd, copyUsd, canStream }) => [
        sizeOf(gb),
        streamed === 'whole' ? 'one PUT' : 'in parts',
        streamUsd.toFixed(6),
        copyUsd.toFixed(6),
        canStream ? 'yes' : 'no',
      ]),
    ),
    'Both include storage and transfer of the bundle. A copied object is not compressed:',
    table(
      ['Compresses to', 'Copying is cheaper'],
      breakEvens.map(({ compressRatio, copyFromGb }) => [
        `${(100 / compressRatio).toFixed(1)} %`,
        copyFromGb === undefined ? 'never' : `from ${sizeOf(copyFromGb)}`,
      ]),
    ),
  ].join('\n');
}

function sizeOf(gb: number): string {
  if (gb < 1) return `${Math.round(gb * 1000)} MB`;
  return gb < 1000 ? `${Number(gb.toPrecision(2))} GB` : `${gb / 1000} TB`;
}
