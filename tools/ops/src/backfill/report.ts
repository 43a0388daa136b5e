import { visible } from '@data-aggregator/terminal';
import { counted, isoTime, size, table } from '../output.ts';
import type { Counts } from './checkpoint.ts';
import type { BackfillEstimate } from './estimate.ts';
import type { Plan } from './plan.ts';

/** The result of the command, as JSON. */
export interface BackfillReport {
  prefix: string;
  /** The landing times, ISO 8601. */
  from: string | undefined;
  to: string;
  executed: boolean;
  /** Whether each version was looked up. Otherwise `enqueued` is an upper bound. */
  checked: boolean;
  /** Whether every version of the plan was reached. */
  done: boolean;
  /** Without `--execute`, `enqueued` and `bytes` are what would be enqueued. */
  counts: Counts;
  /** Without `--execute`. */
  estimate?: BackfillEstimate;
  /** With `--execute`: the file to resume from. */
  checkpoint?: string;
}

export function reportOf(plan: Plan, rest: Omit<BackfillReport, 'prefix' | 'from' | 'to'>): BackfillReport {
  const from = plan.from > 0 ? isoTime(plan.from) : undefined;
  return { prefix: plan.prefix, from, to: isoTime(plan.to), ...rest };
}

/** Whether some versions were left out that are neither delivered nor on their way. */
export function hasFindings({ undecided, unprovable, unversioned, archived }: Counts): boolean {
  return undecided + unprovable + unversioned + archived > 0;
}

/** The result in text. */
export function reportText({
  prefix,
  from,
  to,
  executed,
  checked,
  done,
  counts,
  estimate,
}: BackfillReport): string {
  const { listed, examined, delivered, busy, quarantined, enqueued, bytes } = counts;
  const range = from === undefined ? `before ${to}` : `from ${from} to ${to}`;
  const where = prefix === '' ? 'the whole bucket' : `"${visible(prefix)}"`;
  return [
    `${counted(listed, 'version')} in ${where}, ${examined.toLocaleString('en')} of them landed ${range}.`,
    ...(checked
      ? [`${delivered} were delivered before, ${busy} are in progress, ${quarantined} are quarantined.`]
      : []),
    ...findings(counts),
    ...(estimate ? ['', ...estimateText(estimate, counts, checked)] : []),
    ...(executed ? [`${counted(enqueued, 'version')} enqueued, ${size(bytes)}.`] : []),
    ...(done ? [] : ['Not all versions were reached.']),
  ].join('\n');
}

function findings({ undecided, unprovable, unversioned, archived }: Counts): string[] {
  return [
    ...(undecided > 0
      ? [
          `${counted(undecided, 'version')} left out, because it cannot be decided whether their bundle was published. Copy each object onto itself to deliver it as a new version.`,
        ]
      : []),
    ...(unprovable > 0
      ? [
          `${counted(unprovable, 'version')} left out, because they landed before the oldest manifest in the archive, which therefore does not show whether they were delivered. If none was, add --never-delivered.`,
        ]
      : []),
    ...(unversioned > 0
      ? [
          `${counted(unversioned, 'object')} left out, because they have no version id. Copy each object onto itself to create a version and a notification.`,
        ]
      : []),
    ...(archived > 0
      ? [
          `${counted(archived, 'version')} left out, because they are in an archive storage class and cannot be read. Restore them, then add --include-archived.`,
        ]
      : []),
  ];
}

function estimateText(
  { usd, seconds, lines, basis }: BackfillEstimate,
  { enqueued, bytes }: Counts,
  checked: boolean,
): string[] {
  const rows = lines.map(({ area, what, quantity, unit, usd: cost, read }) => [
    `${area}: ${what}`,
    quantity.toLocaleString('en', { maximumFractionDigits: 2 }),
    read ? unit : `${unit} *`,
    cost.toFixed(4),
  ]);
  const { region, filesPerBundle, memoryMb, compressRatio } = basis;
  return [
    table(['', 'quantity', 'unit', 'USD'], rows),
    '',
    `${checked ? '' : 'At most '}${counted(enqueued, 'version')} to enqueue, ${size(bytes)}: about ${usd.toFixed(2)} dollars and ${duration(seconds)}.`,
    `Basis: prices of ${region} without free tiers, bundles of ${filesPerBundle} files at ${compressRatio} : 1, ${memoryMb} MB of memory, storage for one month.`,
    'Nothing was enqueued. Add --execute to do it.',
  ];
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} seconds`;
  if (seconds < 7_200) return `${Math.ceil(seconds / 60)} minutes`;
  return `${Math.ceil(seconds / 3_600)} hours`;
}
