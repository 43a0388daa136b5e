import { type Line, totalUsd } from '../line.ts';
import {
  functionLines,
  ledgerLines,
  logLines,
  networkLines,
  queueLines,
  recoveryLines,
  watchLines,
} from './compute-lines.ts';
import { type Estimate, predecessorOf } from './design.ts';
import { largeObjectLines } from './large-objects.ts';
import {
  accessLogLines,
  archiveLines,
  distributionLines,
  landingLines,
  replicationLines,
  transferLines,
} from './storage-lines.ts';
import { traceLines } from './trace-lines.ts';

/** A line with the cost of the same line in the predecessor's bill. */
export interface ComparedLine extends Line {
  predecessorUsd: number;
}

export interface Bill {
  lines: ComparedLine[];
  usd: number;
  predecessorUsd: number;
}

/** The lines of a monthly bill in US dollars, without free tiers. */
export function linesOf(estimate: Estimate): Line[] {
  return [
    landingLines,
    distributionLines,
    archiveLines,
    replicationLines,
    accessLogLines,
    queueLines,
    recoveryLines,
    functionLines,
    ledgerLines,
    logLines,
    traceLines,
    watchLines,
    networkLines,
    transferLines,
    largeObjectLines,
  ].flatMap((area) => area(estimate));
}

/** A monthly bill, compared with the bill of the predecessor's design for the same workload. */
export function bill(estimate: Estimate): Bill {
  const before = linesOf({ ...estimate, design: predecessorOf(estimate.design) });
  const lines = linesOf(estimate).map((line, index) => ({
    ...line,
    predecessorUsd: before[index]?.usd ?? 0,
  }));
  return {
    lines,
    usd: totalUsd(lines),
    predecessorUsd: totalUsd(before),
  };
}
