import Table from 'cli-table3';
import type { EncodingPoint } from '../workloads/encodings.ts';
import type { Scale, ScalePoint } from '../workloads/scale.ts';
import type { Workload } from '../workloads/workload.ts';
import { type Figures, isReached } from './figures.ts';
import { markdown } from './markdown.ts';

export interface Result {
  workload: Workload;
  figures: Figures;
}

const HEAD = ['workload', 'figure', 'measured', 'floor', 'ratio', 'reach', '', '÷ bare', 'stand-in'];

/** The results as a table for the terminal. */
export function terminalTable(results: readonly Result[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  table.push(...results.map(row));
  return table.toString();
}

/** CPU time and memory by number of files, as a table for the terminal. */
export function scaleTable(scale: Scale): string {
  const table = new Table({ head: SCALE_HEAD, style: { head: [], border: [] } });
  table.push(...scaleRows(scale));
  return table.toString();
}

/** CPU time and memory by number of files, as a Markdown table. */
export function scaleMarkdown(scale: Scale): string {
  return markdown(SCALE_HEAD, scaleRows(scale));
}

const SCALE_HEAD = ['files', 'processed', 'CPU per file', 'peak RSS'];

function scaleRows({ batch, backlog }: Scale): string[][] {
  const rows = (processed: string, points: readonly ScalePoint[]) =>
    points.map(({ files, cpuMs, peakMb }) => [
      files.toLocaleString('en'),
      processed,
      `${cpuMs.toFixed(2)} ms`,
      `${amount(peakMb)} MB`,
    ]);
  return [...rows('in one invocation', batch), ...rows('in batches of 2,000', backlog)];
}

/** Encodings as a table for the terminal. */
export function encodingTable(points: readonly EncodingPoint[]): string {
  const table = new Table({ head: encodingHead(points), style: { head: [], border: [] } });
  table.push(...points.map(encodingRow));
  return table.toString();
}

/** Encodings as a Markdown table. */
export function encodingMarkdown(points: readonly EncodingPoint[]): string {
  return markdown(encodingHead(points), points.map(encodingRow));
}

function encodingHead([first]: readonly EncodingPoint[]): string[] {
  return ['format', 'level', ...(first?.contents ?? []).flatMap(({ title }) => [`${title}: CPU`, 'bundle'])];
}

function encodingRow({ format, level, contents }: EncodingPoint): string[] {
  const cells = contents.flatMap(({ cpuMs, bytes }) => [`${amount(cpuMs)} ms`, `${amount(bytes / 1000)} KB`]);
  return [format, String(level), ...cells];
}

/** The results as a Markdown table that describes the floors. */
export function markdownTable(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const cells = row(result);
    const { floor } = result.workload;
    return [...cells.slice(0, 3), floor ? `${cells[3]}: ${floor}` : '–', ...cells.slice(4)];
  });
  return markdown(HEAD, rows);
}

function row({ workload, figures }: Result): string[] {
  const { title, figure, unit, reach } = workload;
  return [
    title,
    figure,
    `${amount(figures.value)} ${unit}`,
    figures.floor === undefined ? '–' : `${amount(figures.floor)} ${unit}`,
    figures.ratio === undefined ? '–' : figures.ratio.toFixed(2),
    'times' in reach ? `≤ ${reach.times} ×` : `≤ ${reach.most} ${unit}`,
    isReached(figures, reach) ? 'reached' : 'not reached',
    figures.bareRatio === undefined ? '–' : figures.bareRatio.toFixed(2),
    figures.standInShare === undefined ? '–' : `${Math.round(figures.standInShare * 100)} %`,
  ];
}

function amount(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}
