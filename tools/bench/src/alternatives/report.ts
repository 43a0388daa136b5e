import { barChart } from '../report/bars.ts';
import { markdown } from '../report/markdown.ts';
import { type Alternative, type AlternativeWorkload, type Cost, FIRST_BYTE_MS } from './measure.ts';

/** A workload's cost for each function, in their order. */
export interface Comparison {
  workload: AlternativeWorkload;
  costs: readonly Cost[];
}

export const HEAD = ['workload', 'function', 'CPU', 'billed time', 'peak memory', 'bundles'];

/** One row per workload and function. */
export function rowsOf(comparisons: readonly Comparison[], alternatives: readonly Alternative[]): string[][] {
  return comparisons.flatMap(({ workload, costs }) =>
    costs.map((cost, index) => [
      workload.title,
      alternatives[index]?.name ?? '',
      milliseconds(cost.cpuMs),
      milliseconds(cost.billedMs),
      megabytes(cost.peakMb),
      `${Math.round(cost.bundleBytes / 1000).toLocaleString('en')} KB`,
    ]),
  );
}

/** The table of docs/performance.md, followed by the conditions of the measurement. */
export function page(
  comparisons: readonly Comparison[],
  alternatives: readonly Alternative[],
  conditions: string,
): string {
  return `${markdown(HEAD, rowsOf(comparisons, alternatives))}\n\n${conditions}`;
}

/** CPU time, billed time and peak memory as an SVG document. */
export function plot(comparisons: readonly Comparison[], alternatives: readonly Alternative[]): string {
  const panel = (title: string, format: (value: number) => string, figure: (cost: Cost) => number) => ({
    title,
    format,
    groups: comparisons.map(({ workload, costs }) => ({ title: workload.title, values: costs.map(figure) })),
  });
  return barChart({
    title: `The same files through three functions, ${FIRST_BYTE_MS} ms to the first byte of each GET: shorter is better`,
    subjects: alternatives.map(({ name }) => name),
    panels: [
      panel('CPU time', milliseconds, ({ cpuMs }) => cpuMs),
      panel('billed time', milliseconds, ({ billedMs }) => billedMs),
      panel('peak memory', megabytes, ({ peakMb }) => peakMb),
    ],
  });
}

/**
 * The README's sentence: the first workload's cost compared with that of the alternatives.
 *
 * @throws Error if there are no costs of three functions
 */
export function sentence([first]: readonly Comparison[]): string {
  const [predecessor, plain, own] = first?.costs ?? [];
  if (!first || !predecessor || !plain || !own) throw new Error('three functions must be measured');
  const times = (other: number, ours: number) => (other / ours).toFixed(1);
  return (
    `For 1,000 small files, a plain function with the SDK, tar-stream and zlib uses ${times(plain.cpuMs, own.cpuMs)} ` +
    `times the CPU time and ${times(plain.billedMs, own.billedMs)} times the billed time, and the predecessor's approach ` +
    `${times(predecessor.cpuMs, own.cpuMs)} and ${times(predecessor.billedMs, own.billedMs)} times: see ` +
    `[performance](docs/performance.md#against-the-alternatives).`
  );
}

function milliseconds(value: number): string {
  return value < 10_000 ? `${Math.round(value).toLocaleString('en')} ms` : `${(value / 1000).toFixed(1)} s`;
}

function megabytes(value: number): string {
  return `${Math.round(value)} MB`;
}
