import Table from 'cli-table3';
import type { Workload } from '../workloads/workload.ts';
import { type Figures, isReached } from './figures.ts';

export interface Result {
  workload: Workload;
  figures: Figures;
}

const HEAD = ['workload', 'figure', 'measured', 'floor', 'ratio', 'reach', ''];

/** The results as a table for the terminal. */
export function terminalTable(results: readonly Result[]): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  table.push(...results.map(row));
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
  ];
}

function amount(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}
