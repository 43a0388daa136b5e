import type { Distributions, Percentiles } from './distributions.ts';
import { type AgreementLoad, type Figures, type Measured, perMinute, type Result } from './measure.ts';

/** `too-busy`: other programs kept the machine from carrying the load, so the run says nothing about it, whatever its figures. */
export type Verdict = 'agrees' | 'differs' | 'too-busy';

type Ratios = Record<keyof Figures, number>;

export interface Comparison {
  load: AgreementLoad;
  /** Files that really landed in a second: fewer than asked for, if the machine is busy. */
  landedPerSecond: number;
  measured: Omit<Measured, 'landings' | 'speeds'>;
  simulated: Result;
  /** Simulated ÷ measured. */
  ratios: Ratios;
  /** The same of a model with half the window, which must not agree: otherwise the comparison proves nothing. */
  wrongRatios: Ratios;
  /** Whether every ratio is close enough to 1, not every one of the wrong model, and the embedded cloud delivered every file once. */
  agrees: boolean;
  verdict: Verdict;
}

/** How far a simulated figure may be from the measured one, as a share of it. */
const TOLERANCE = 0.2;
/** The share of the rate that must have landed, and the share of its work in which the cloud must have had a processor. */
const ENOUGH = { rate: 0.9, processor: 0.1 };

const NAMES: Record<keyof Figures, string> = {
  p50: 'p50, s',
  p95: 'p95, s',
  p999: 'p99.9, s',
  bundlesPerMinute: 'bundles a minute',
  readsPerFile: 'reads for each file',
  ledgerWritesPerFile: 'ledger writes for each file',
};
const PARTS: Record<keyof Distributions, string> = {
  latency: 'landing to distribution, s',
  waiting: 'landing to invocation, s',
  working: 'invocation to distribution, s',
  filesPerBundle: 'files in a bundle',
};

const figures = Object.keys(NAMES) as (keyof Figures)[];
const parts = Object.keys(PARTS) as (keyof Distributions)[];

/** @param wrong a simulation with half the window */
export function compare(
  load: AgreementLoad,
  { landings, speeds: _speeds, ...measured }: Measured,
  simulated: Result,
  wrong: Figures,
): Comparison {
  const ratiosOf = (of: Figures) =>
    Object.fromEntries(figures.map((name) => [name, of[name] / measured[name]])) as Ratios;
  const [ratios, wrongRatios] = [ratiosOf(simulated), ratiosOf(wrong)];
  const agrees =
    measured.lost === 0 && measured.duplicated === 0 && areClose(ratios) && !areClose(wrongRatios);
  const landedPerSecond = perMinute(landings.length, landings) / 60;
  const isBusy =
    landedPerSecond < ENOUGH.rate * load.filesPerSecond ||
    measured.processorShare < ENOUGH.processor ||
    measured.failedInvocations > 0;
  const verdict = isBusy ? 'too-busy' : agrees ? 'agrees' : 'differs';
  return { load, landedPerSecond, measured, simulated, ratios, wrongRatios, agrees, verdict };
}

function areClose(ratios: Ratios): boolean {
  return figures.every((name) => Math.abs(ratios[name] - 1) <= TOLERANCE);
}

/** The comparison as Markdown. */
export function table(comparison: Comparison): string {
  const { load, landedPerSecond, measured, simulated, ratios, wrongRatios, verdict } = comparison;
  const outage = load.outageSeconds > 0 ? `, no ledger for ${load.outageSeconds} s` : '';
  const verdicts = { agrees: 'agrees', differs: 'DIFFERS', 'too-busy': 'THE MACHINE IS TOO BUSY' };
  return [
    `${load.filesPerSecond} files/s for ${load.minutes} minutes${outage}: ${verdicts[verdict]}`,
    '',
    ...rowsOf(
      ['figure', 'embedded', 'simulated', 'ratio', 'half the window'],
      figures.map((name) => [
        NAMES[name],
        ...[measured[name], simulated[name], ratios[name], wrongRatios[name]].map(number),
      ]),
    ),
    '',
    ...rowsOf(
      ['p50, p95, p99.9', 'embedded', 'simulated'],
      parts.map((part) => [
        PARTS[part],
        ...[measured, simulated].map((of) => spread(of.distributions[part])),
      ]),
    ),
    '',
    `${number(landedPerSecond)} files/s landed; lost ${measured.lost}, duplicated ${measured.duplicated}; ${measured.failedInvocations} invocations failed; the cloud had a processor for ${Math.round(100 * measured.processorShare)} % of its work.`,
  ].join('\n');
}

function rowsOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((cell, at) => Math.max(cell.length, ...rows.map((row) => (row[at] ?? '').length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)];
}

function spread({ p50, p95, p999 }: Percentiles): string {
  return [p50, p95, p999].map(number).join('  ');
}

function number(value: number): string {
  return value.toFixed(2);
}
