import { type CapacityDesign, flowAt, type FlowAssumptions, inFlight } from './flow.ts';
import { type Limit, limits } from './limits.ts';

/** The load to plan for. */
export interface Load {
  /** Average over a day. */
  filesPerSecond: number;
  /** How many times the average the highest rate of some minutes is. */
  burst: number;
  avgKb: number;
  /** Bytes of files per byte of bundle. */
  compressRatio: number;
}

/** How much of a limit a load uses. */
export interface Usage {
  name: string;
  limit: Limit;
  /** At the average rate, and in a burst, in the limit's unit. */
  average: number;
  peak: number;
  /** Share of the limit that a burst uses. */
  share: number;
  /** The rate in files per second at which the limit is reached, or infinite. */
  breaksAt: number;
  /** What happens at the limit. */
  effect: string;
  /** Settings that raise it, or that use less of it. */
  raise: string;
}

/** A limit, and its use at a constant rate of files. */
interface Use {
  name: string;
  limit: Limit;
  at: (filesPerSecond: number) => number;
  effect: string;
  raise: string;
}

/** Large objects, the monitor and the reconciler may run at the same time. */
const OTHER_INVOCATIONS = 10;
/** Requests to CloudWatch Logs for one invocation. */
const LOG_REQUESTS = 2;

/** What every limit is used by, in the order of the way that a file takes. */
function usesOf(load: Load, design: CapacityDesign, assumptions: FlowAssumptions): Use[] {
  const flow = (rate: number) => flowAt(rate, design, assumptions);
  const perPrefix = (rate: number) => rate / design.landingPrefixes;
  const writes = (rate: number) => rate + flow(rate).invocationsPerSecond;
  const queueWaits = 'files wait in the queue; nothing fails';
  const retried = 'requests are throttled and repeated';
  return [
    {
      name: 'S3 landing, PUT',
      limit: limits.s3PutsPerPartition,
      at: perPrefix,
      effect: 'the uploader is throttled until S3 has split the prefix',
      raise: 'more key prefixes, early in the key',
    },
    {
      name: 'S3 landing, GET',
      limit: limits.s3GetsPerPartition,
      at: perPrefix,
      effect: retried,
      raise: 'more key prefixes, early in the key',
    },
    {
      name: 'SQS, in flight',
      limit: limits.sqsInFlight,
      at: (rate) => inFlight(flow(rate)) / design.queues,
      effect: 'the queue delivers nothing until messages are deleted',
      raise: 'smaller batches, a shorter window, more queues by prefix',
    },
    {
      name: 'Mapping, concurrency',
      limit: { ...limits.mappingConcurrency, value: design.maxConcurrency },
      at: (rate) => flow(rate).pollers / design.queues,
      effect: queueWaits,
      raise: 'maxConcurrency, up to 1,000',
    },
    {
      name: 'Mapping, growth in a burst',
      limit: limits.mappingGrowth,
      at: (rate) => (flow(rate).pollers - flow(rate / load.burst).pollers) / design.queues,
      effect: queueWaits,
      raise: 'more queues by prefix',
    },
    {
      name: 'Lambda, account',
      limit: limits.accountConcurrency,
      at: (rate) => flow(rate).pollers + OTHER_INVOCATIONS,
      effect: 'invocations are throttled, and their messages return later',
      raise: 'a higher quota',
    },
    {
      name: 'Lambda, payload',
      limit: limits.payloadBytes,
      at: (rate) => flow(rate).payloadBytes,
      effect: 'batches are cut at 6 MB; nothing fails',
      raise: 'not needed',
    },
    {
      name: 'Lambda, timeout',
      limit: {
        ...limits.payloadBytes,
        value: design.timeoutSeconds,
        unit: 's in an invocation',
        source: 'function.json: timeoutSeconds',
      },
      at: (rate) => flow(rate).invocationSeconds,
      effect: 'the rest of a batch is enqueued again',
      raise: 'smaller batches, a longer timeout',
    },
    {
      name: 'Ledger, warm writes',
      limit: { ...limits.ledgerWarmWrites, value: design.warmWrites },
      at: writes,
      effect: retried,
      raise: 'warm throughput; growth of less than twice in 30 minutes',
    },
    {
      name: 'Ledger, partitions',
      limit: limits.ledgerWritesPerPartition,
      // Ids are hashes, so all partitions are used alike; DynamoDB makes one for each thousand of warm writes.
      at: (rate) => writes(rate) / Math.max(1, Math.ceil(Math.max(design.warmWrites, writes(rate)) / 1000)),
      effect: retried,
      raise: 'not needed: ids are spread evenly',
    },
    {
      name: 'Ledger, quota',
      limit: limits.ledgerTableWrites,
      at: writes,
      effect: retried,
      raise: 'a higher quota of the table',
    },
    {
      name: 'S3 distribution, PUT',
      limit: limits.s3PutsPerPartition,
      at: (rate) => flow(rate).invocationsPerSecond,
      effect: retried,
      raise: 'fuller batches, groups',
    },
    {
      name: 'S3 archive, PUT',
      limit: limits.s3PutsPerPartition,
      at: (rate) => 2 * flow(rate).invocationsPerSecond,
      effect: retried,
      raise: 'fuller batches, groups',
    },
    {
      name: 'S3 replication',
      limit: limits.replicationBytes,
      at: (rate) => (rate * load.avgKb * 1000) / load.compressRatio,
      effect: 'replicas are late; nothing is lost',
      raise: 'a higher quota, better compression',
    },
    {
      name: 'CloudWatch Logs',
      limit: limits.logRequests,
      at: (rate) => LOG_REQUESTS * flow(rate).invocationsPerSecond,
      effect: 'log lines are late',
      raise: 'fuller batches, a higher quota',
    },
  ];
}

/** How much of every limit a load uses, and when each breaks, in the order of the way that a file takes. */
export function usages(load: Load, design: CapacityDesign, assumptions: FlowAssumptions): Usage[] {
  const peakRate = load.filesPerSecond * load.burst;
  return usesOf(load, design, assumptions).map(({ name, limit, at, effect, raise }) => {
    const peak = at(peakRate);
    return {
      ...{ name, limit, effect, raise, peak },
      average: at(load.filesPerSecond),
      share: peak / limit.value,
      breaksAt: rateAt((rate) => at(rate) / limit.value),
    };
  });
}

/** The limit that breaks at the lowest rate. @throws if the list is empty */
export function firstToBreak(all: readonly Usage[]): Usage {
  return all.reduce((first, usage) => (usage.breaksAt < first.breaksAt ? usage : first));
}

/** The highest rate for which the search makes sense: more than all of AWS takes. */
const HIGHEST_RATE = 1e9;

/**
 * The rate at which a share that does not decrease with the rate exceeds 1: infinite if it never does, 0 if it does below one file per
 * second.
 */
function rateAt(share: (rate: number) => number): number {
  if (share(HIGHEST_RATE) <= 1) return Infinity;
  if (share(1) > 1) return 0;
  let low = 1;
  let high = HIGHEST_RATE;
  while (high > low * 1.001) {
    const middle = Math.sqrt(low * high);
    if (share(middle) <= 1) low = middle;
    else high = middle;
  }
  return low;
}
