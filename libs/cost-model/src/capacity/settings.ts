import { type CapacityDesign, flowAt, type FlowAssumptions } from './flow.ts';
import { limits } from './limits.ts';
import { type Load, usages } from './usage.ts';

/** Settings for a load. Those that are undefined stay as they are. */
export interface CapacitySettings {
  batchSize: number;
  maxConcurrency: number;
  warmWritesPerSecond: number | undefined;
  /** Not settings of an environment: what others have to do. */
  landingPrefixes: number;
  queues: number;
  accountConcurrency: number | undefined;
  tableWriteQuota: number | undefined;
}

/** No settings carry the load. */
export class CapacityError extends Error {
  override readonly name = 'CapacityError';
}

/** Share of a limit that a burst may use. */
const COMFORTABLE = 0.7;
/** Smaller batches would cost more in bundles than another queue. */
const BATCH_SIZES = [2_000, 1_000, 500];
/** A burst uses this much more than planned, because a plan is never exact. */
const MARGIN = 1.25;

/**
 * Chooses settings that let a load through with a reserve, changing as little as possible: the fewest queues, the largest batch, and no
 * warm throughput while DynamoDB scales fast enough.
 *
 * @throws CapacityError if no number of queues is enough
 */
export function settingsFor(
  load: Load,
  design: CapacityDesign,
  assumptions: FlowAssumptions,
): CapacitySettings {
  const peakRate = load.filesPerSecond * load.burst;
  const landingPrefixes = Math.max(
    design.landingPrefixes,
    Math.ceil(peakRate / (limits.s3PutsPerPartition.value * COMFORTABLE)),
  );
  const chosen = chooseQueues(load, { ...design, landingPrefixes }, assumptions);
  const peak = flowAt(peakRate, chosen, assumptions);
  const writes = (peakRate + peak.invocationsPerSecond) * MARGIN;
  const account = peak.pollers * MARGIN + 100;
  return {
    batchSize: chosen.batchSize,
    maxConcurrency: Math.max(design.maxConcurrency, Math.ceil((peak.pollers * MARGIN) / chosen.queues)),
    warmWritesPerSecond:
      writes > design.warmWrites * COMFORTABLE ? Math.ceil(writes / 1000) * 1000 : undefined,
    landingPrefixes,
    queues: chosen.queues,
    accountConcurrency:
      account > limits.accountConcurrency.value ? Math.ceil(account / 1000) * 1000 : undefined,
    tableWriteQuota:
      writes > limits.ledgerTableWrites.value ? Math.ceil(writes / 10_000) * 10_000 : undefined,
  };
}

/** More would be another system. */
const MAX_QUEUES = 1_000;

/** Limits that depend on the size of batches and the number of queues. */
const DEPENDS_ON_BATCH = new Set([
  'SQS, in flight',
  'Mapping, concurrency',
  'Mapping, growth in a burst',
  'Lambda, timeout',
  'S3 archive, PUT',
]);

/** The fewest queues, and with them the largest batch, with which all limits that depend on them keep a reserve. */
function chooseQueues(load: Load, design: CapacityDesign, assumptions: FlowAssumptions): CapacityDesign {
  for (let queues = design.queues; queues <= MAX_QUEUES; queues++) {
    for (const batchSize of BATCH_SIZES.filter((size) => size <= Math.max(design.batchSize, 500))) {
      const candidate = {
        ...design,
        queues,
        batchSize,
        maxConcurrency: limits.mappingConcurrency.value,
      };
      const fits = usages(load, candidate, assumptions)
        .filter(({ name }) => DEPENDS_ON_BATCH.has(name))
        .every(({ share }) => share <= COMFORTABLE);
      if (fits) return candidate;
    }
  }
  throw new CapacityError(
    `No number of queues up to ${MAX_QUEUES} carries this load: check the rate and the durations.`,
  );
}

/** The design with these settings. */
export function designWith(design: CapacityDesign, settings: CapacitySettings): CapacityDesign {
  const { batchSize, maxConcurrency, warmWritesPerSecond, landingPrefixes, queues } = settings;
  return {
    ...design,
    batchSize,
    landingPrefixes,
    queues,
    maxConcurrency,
    warmWrites: warmWritesPerSecond ?? design.warmWrites,
  };
}
