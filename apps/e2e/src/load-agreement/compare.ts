import { type AgreementLoad, type Figures, type Measured, perMinute } from './measure.ts';

export interface Comparison {
  load: AgreementLoad;
  /** Files that really landed in a second: fewer than asked for, if the machine is busy. */
  landedPerSecond: number;
  measured: Omit<Measured, 'landings'>;
  simulated: Figures;
  /** Simulated ÷ measured. */
  ratios: Record<keyof Figures, number>;
  /** Whether every ratio is close enough to 1, and the embedded cloud delivered every file once. */
  agrees: boolean;
}

/** How far a simulated figure may be from the measured one, as a share of it. */
const TOLERANCE = 0.2;

const NAMES: Record<keyof Figures, string> = {
  p50: 'p50, s',
  p95: 'p95, s',
  bundlesPerMinute: 'bundles a minute',
  readsPerFile: 'reads for each file',
  ledgerWritesPerFile: 'ledger writes for each file',
};

const figures = Object.keys(NAMES) as (keyof Figures)[];

export function compare(
  load: AgreementLoad,
  { landings, ...measured }: Measured,
  simulated: Figures,
): Comparison {
  const ratios = Object.fromEntries(
    figures.map((name) => [name, simulated[name] / measured[name]]),
  ) as Record<keyof Figures, number>;
  const isClose = (ratio: number) => Math.abs(ratio - 1) <= TOLERANCE;
  const agrees =
    measured.lost === 0 && measured.duplicated === 0 && figures.every((name) => isClose(ratios[name]));
  const landedPerSecond = perMinute(landings.length, landings) / 60;
  return { load, landedPerSecond, measured, simulated, ratios, agrees };
}

/** The comparison as Markdown. */
export function table({ load, landedPerSecond, measured, simulated, ratios, agrees }: Comparison): string {
  const outage = load.outageSeconds > 0 ? `, no ledger for ${load.outageSeconds} s` : '';
  const rows = figures.map(
    (name) =>
      `| ${NAMES[name].padEnd(27)} | ${number(measured[name])} | ${number(simulated[name])} | ${number(ratios[name])} |`,
  );
  return [
    `${load.filesPerSecond} files/s for ${load.minutes} minutes${outage}: ${agrees ? 'agrees' : 'DIFFERS'}`,
    '',
    `| ${'figure'.padEnd(27)} | embedded | simulated | ratio |`,
    `| ${'-'.repeat(27)} | -------: | --------: | ----: |`,
    ...rows,
    '',
    `${number(landedPerSecond)} files/s landed; lost ${measured.lost}, duplicated ${measured.duplicated}; ${number(measured.msPerFile)} ms of the function for each file.`,
  ].join('\n');
}

function number(value: number): string {
  return value.toFixed(2);
}
