import Table from 'cli-table3';
import type { Reach } from './reach.ts';

/** A change, its reach, and the mistakes in it. */
export interface Row {
  change: string;
  reach: Reach;
  mistakes: string[];
}

/** One row per change, with the mistakes below the table. */
export function table(rows: readonly Row[], colour: boolean): string {
  const view = new Table({
    head: [
      'change',
      'projects affected',
      'tests run',
      'artifacts changed',
      'functions deployed',
      'and stacks',
      '',
    ],
    colWidths: [20, 24, 28, 24, 24, 16, 7],
    wordWrap: true,
    style: { head: colour ? ['bold'] : [], border: [] },
  });
  for (const { change, reach, mistakes } of rows) {
    const { projects, tests, artifacts, deploys, stacks } = reach;
    view.push([
      change,
      ...[projects, tests, artifacts, deploys, stacks].map(lines),
      mistakes.length === 0 ? 'ok' : 'wrong',
    ]);
  }
  const wrong = rows.flatMap(({ change, mistakes }) => mistakes.map((mistake) => `${change}: ${mistake}`));
  return [view.toString(), ...wrong, ''].join('\n');
}

function lines(names: readonly string[]): string {
  return names.length === 0 ? '—' : names.join('\n');
}
