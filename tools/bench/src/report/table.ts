import Table from 'cli-table3';
import type { Scale } from '../workloads/scale.ts';
import type { Workload } from '../workloads/workload.ts';
import { type Figures, isReached } from './figures.ts';

export interface Result {
  workload: Workload;
  figures: Figures;
}

const HEAD = ['workload', 'figure', 'measured', 'floor', 'ratio', 'reach', '', 'stand-in'];

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

/** The results as a Markdown table, with what the floors are. */
export function markdownTable(results: readonly Result[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = results.map((result) => {
    const cells = row(result);
    const { floor } = result.workload;
    return line([...cells.slice(0, 3), floor ? `${cells[3]}: ${floor}` : '–', ...cells.slice(4)]);
  });
  return [line(HEAD), line(HEAD.map(() => '---')), ...rows].join('\n');
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
    figures.standInShare === undefined ? '–' : `${Math.round(figures.standInShare * 100)} %`,
  ];
}

function amount(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}
