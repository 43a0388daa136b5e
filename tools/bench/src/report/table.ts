import Table from 'cli-table3';
import type { EncodingPoint } from '../workloads/encodings.ts';
import type { Scale } from '../workloads/scale.ts';
import type { Workload } from '../workloads/workload.ts';
import { type Figures, isReached } from './figures.ts';

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

/** What the plot shows, in numbers. */
export function scaleTable({ batch, backlog }: Scale): string {
  const table = new Table({
    head: ['files', 'how', 'CPU a file', 'peak RSS'],
    style: { head: [], border: [] },
  });
  for (const [how, points] of [
    ['in one invocation', batch],
    ['in batches of 2,000', backlog],
  ] as const) {
    for (const { files, cpuMs, peakMb } of points) {
      table.push([files.toLocaleString('en'), how, `${cpuMs.toFixed(2)} ms`, `${amount(peakMb)} MB`]);
    }
  }
  return table.toString();
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

/** The results as a Markdown table, with what the floors are. */
export function markdownTable(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const cells = row(result);
    const { floor } = result.workload;
    return [...cells.slice(0, 3), floor ? `${cells[3]}: ${floor}` : '–', ...cells.slice(4)];
  });
  return markdown(HEAD, rows);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
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
