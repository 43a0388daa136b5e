import {
  type CapacityDesign,
  type CapacitySettings,
  designWith,
  flowAt,
  type FlowAssumptions,
  type Load,
  type Usage,
} from '@data-aggregator/cost-model/capacity';

/** The plan for one rate, as far as the report needs it. */
export interface ScalePlan {
  load: Load;
  design: CapacityDesign;
  limits: readonly Usage[];
  settings: CapacitySettings;
  usdPerMonth: number;
  usdPerMillionFiles: number;
}

/** One row of the table: what a rate needs. */
export function scaleRow(
  { load, design, limits, settings, usdPerMonth, usdPerMillionFiles }: ScalePlan,
  assumptions: FlowAssumptions,
): string[] {
  const { maxConcurrency, warmWritesPerSecond } = settings;
  const flow = flowAt(load.filesPerSecond, designWith(design, settings), assumptions);
  return [
    short(load.filesPerSecond),
    String(limits.filter(({ share }) => share > 1).length),
    short(Math.round(flow.batch)),
    short(flow.pollers),
    short(maxConcurrency),
    String(settings.queues),
    short(settings.landingPrefixes),
    warmWritesPerSecond === undefined ? 'as new' : short(warmWritesPerSecond),
    short(usdPerMonth),
    usdPerMillionFiles.toFixed(2),
  ];
}

export const SCALE_HEAD = [
  'files/s',
  'limits broken before',
  'files in a bundle',
  'invocations at once',
  'maxConcurrency',
  'queues',
  'prefixes',
  'warm writes/s',
  'USD a month',
  'USD per million files',
];

/** Powers of ten on the axis of the plot. */
const DECADES = 7;
const CHARACTERS_PER_DECADE = 7;

/** A bar for each limit, from 1 file/s to the rate at which it breaks, on a logarithmic axis. Limits that never break are left out. */
export function scalePlot(limits: readonly Usage[]): string {
  const label = 28;
  const axis = Array.from({ length: DECADES }, (_, decade) =>
    short(10 ** decade).padEnd(CHARACTERS_PER_DECADE),
  );
  const bars = limits
    .filter(({ breaksAt }) => breaksAt !== Infinity)
    .sort((a, b) => a.breaksAt - b.breaksAt)
    .map(({ name, breaksAt }) => {
      const length = Math.min(DECADES, Math.log10(Math.max(1, breaksAt))) * CHARACTERS_PER_DECADE;
      return `${name.padEnd(label)}${'█'.repeat(Math.max(1, Math.round(length)))} ${short(breaksAt)}`;
    });
  return [`${'files/s'.padEnd(label)}${axis.join('')}`.trimEnd(), ...bars].join('\n');
}

/** A number for a table: three significant digits, and k or M for thousands and millions. */
function short(value: number): string {
  const digits = (scaled: number) => scaled.toLocaleString('en', { maximumSignificantDigits: 3 });
  if (value >= 999_500) return `${digits(value / 1e6)} M`;
  return value >= 10_000 ? `${digits(value / 1e3)} k` : digits(value);
}
