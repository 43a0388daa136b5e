import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '@data-aggregator/local-cloud';
import type { Random } from '@data-aggregator/shared-processing/testing';

/** A stream of files, and what goes wrong while they arrive. */
export interface HealCase {
  name: CaseName;
  /** In words, for the progress display. */
  title: string;
  /** Small files arrive at this rate, in files per second, for so many seconds. */
  filesPerSecond: number;
  seconds: number;
  /** Large files that arrive in addition: every so many seconds, after so many seconds, of so many bytes. */
  large?: { everySeconds: number; afterSeconds: number; bytes: number };
  /** Breaks something, and repairs it before it resolves. Resolves to the time at which everything worked again. */
  disturb?: (cloud: Cloud, random: Random, signal: AbortSignal) => Promise<number>;
  targets: Targets;
}

export const caseNames = ['killed', 'throttled', 'outage', 'stalled', 'large-beside-small'] as const;
export type CaseName = (typeof caseNames)[number];

/** The times to reach; see docs/guarantee.md. All in seconds. */
export interface Targets {
  /** 99.9 % of the small files. */
  p999?: number;
  maxSeconds?: number;
  /** The last small file, counted from the end of the disturbance. */
  maxAfterEnd?: number;
  /** p95 of the small files that arrive next to large ones, as a multiple of p95 without them. */
  p95Ratio?: number;
}

/** How long and how hard: `full` with an environment as it is deployed, `short` with the sandbox's short timeouts. */
export interface Scale {
  /** Small files. */
  filesPerSecond: number;
  kills: number;
  secondsBetweenKills: number;
  faultSeconds: number;
  outageSeconds: number;
  /** Seconds that files go on arriving after the disturbance. */
  calmSeconds: number;
  large: { bytes: number; everySeconds: number; seconds: number };
  /** All times of the targets are multiplied by this. */
  targetFactor: number;
}

export const full: Scale = {
  filesPerSecond: 10,
  kills: 10,
  secondsBetweenKills: 20,
  faultSeconds: 120,
  outageSeconds: 300,
  calmSeconds: 20,
  large: { bytes: 400_000_000, everySeconds: 10, seconds: 120 },
  targetFactor: 1,
};

/** The sandbox's timeout and grace are a sixth of an environment's. */
export const short: Scale = {
  filesPerSecond: 10,
  kills: 2,
  secondsBetweenKills: 4,
  faultSeconds: 8,
  outageSeconds: 12,
  calmSeconds: 2,
  large: { bytes: 40_000_000, everySeconds: 4, seconds: 12 },
  targetFactor: 1 / 3,
};

/** Share of reads that fail: a third. */
const THROTTLED_SHARE = 1 / 3;
const STALLED_SHARE = 0.05;

/** The cases at a scale. Targets are those that docs/guarantee.md states. */
export function casesAt(scale: Scale): HealCase[] {
  const { filesPerSecond, targetFactor, calmSeconds, faultSeconds, outageSeconds, large } = scale;
  const stream = (disturbedSeconds: number) => ({
    filesPerSecond,
    seconds: disturbedSeconds + calmSeconds,
  });
  const minutes = (count: number) => count * 60 * targetFactor;
  return [
    {
      name: 'killed',
      title: `${scale.kills} function processes are killed while they build bundles`,
      ...stream(scale.kills * scale.secondsBetweenKills),
      disturb: (cloud, random, signal) => kill(scale, cloud, random, signal),
      targets: { p999: minutes(5), maxSeconds: minutes(8) },
    },
    {
      name: 'throttled',
      title: `S3 answers a third of the GETs with 503 for ${faultSeconds} s`,
      ...stream(faultSeconds),
      disturb: (cloud, random, signal) =>
        during(faultSeconds, signal, {
          begin: () => {
            cloud.faults.s3 = ({ operation }) =>
              operation === 'GetObject' && random.chance(THROTTLED_SHARE)
                ? { status: 503, code: 'SlowDown' }
                : undefined;
          },
          end: () => (cloud.faults.s3 = undefined),
        }),
      targets: { p999: minutes(3) },
    },
    {
      name: 'outage',
      title: `the ledger does not answer for ${outageSeconds} s`,
      ...stream(outageSeconds),
      disturb: (cloud, _random, signal) =>
        during(outageSeconds, signal, {
          begin: () => (cloud.faults.dynamodb = () => ({ cutBeforeEffect: true })),
          end: () => (cloud.faults.dynamodb = undefined),
        }),
      targets: { maxAfterEnd: minutes(3) },
    },
    {
      name: 'stalled',
      title: `one body in ${1 / STALLED_SHARE} hangs for ${faultSeconds} s`,
      ...stream(faultSeconds),
      disturb: (cloud, random, signal) =>
        during(faultSeconds, signal, {
          begin: () => {
            cloud.faults.s3 = ({ operation }) =>
              operation === 'GetObject' && random.chance(STALLED_SHARE)
                ? { stallBodyAfterBytes: 100 }
                : undefined;
          },
          end: () => (cloud.faults.s3 = undefined),
        }),
      targets: { p999: minutes(3) },
    },
    {
      name: 'large-beside-small',
      title: `files of ${large.bytes / 1e6} MB arrive next to small ones`,
      filesPerSecond,
      seconds: 2 * large.seconds,
      large: { everySeconds: large.everySeconds, afterSeconds: large.seconds, bytes: large.bytes },
      // On a machine whose cores are all busy with a large file, small ones slow down a little.
      targets: { p95Ratio: 1.5 },
    },
  ];
}

async function during(
  seconds: number,
  signal: AbortSignal,
  { begin, end }: { begin: () => void; end: () => void },
): Promise<number> {
  begin();
  try {
    await sleep(seconds * 1000, undefined, { signal });
  } finally {
    end();
  }
  return Date.now();
}

/** Kills one busy process of the aggregator after another. */
async function kill(scale: Scale, cloud: Cloud, random: Random, signal: AbortSignal): Promise<number> {
  for (let killed = 0; killed < scale.kills;) {
    await sleep(random.below(200), undefined, { signal });
    if (!cloud.killFunctionProcess('aggregator')) continue;
    killed++;
    await sleep(scale.secondsBetweenKills * 1000, undefined, { signal });
  }
  return Date.now();
}
