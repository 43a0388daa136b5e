import { countBacklog, type Backlog } from '@data-aggregator/shared-processing/backlog';
import type { Flow, FlowHistory, Series, Stage } from '../api.ts';
import { DELIVERING, type Environment, LARGE, physicalName } from './environment.ts';
import { bottleneckOf, fails, HELD_UP_SECONDS, LATE_BUNDLE_SECONDS, LATE_SECONDS } from './bottleneck.ts';
import {
  lambdaMetric,
  type MetricQuery,
  type MetricValues,
  newestOf,
  ownMetric,
  queueMetric,
  readMetrics,
  sumOf,
} from './metrics.ts';
import { counted, duration, rate } from './words.ts';

/** How live figures are read. */
export interface Pace {
  /** Seconds between two readings. */
  refreshSeconds: number;
  /** Period of gauges, such as messages waiting. */
  gaugeSeconds: number;
  /** How far back to look for the newest value: AWS publishes them a few minutes late. */
  lookBackMs: number;
}

export const paces: Record<Environment['target'], Pace> = {
  local: { refreshSeconds: 1, gaugeSeconds: 1, lookBackMs: 60_000 },
  aws: { refreshSeconds: 60, gaugeSeconds: 60, lookBackMs: 5 * 60_000 },
};

const MINUTE_MS = 60_000;
/** The latest seconds of the embedded cloud, as long as a few batches. */
const RECENT_SECONDS = 15;
const NOT_MEASURED = 'CloudWatch has no figures of the queue: they are late, or nothing polls the queue.';
/** How long to list waiting bundles. */
const LISTING_MS = 3_000;

/** The metrics of one reading of the flow. */
export function flowQueries(environment: Environment): MetricQuery[] {
  const { queues } = environment;
  const aggregator = physicalName(environment, DELIVERING);
  const large = physicalName(environment, LARGE);
  return [
    queueMetric('sent', queues.main, 'NumberOfMessagesSent', 'Sum'),
    queueMetric('deleted', queues.main, 'NumberOfMessagesDeleted', 'Sum'),
    queueMetric('visible', queues.main, 'ApproximateNumberOfMessagesVisible', 'Maximum'),
    queueMetric('delayed', queues.main, 'ApproximateNumberOfMessagesDelayed', 'Maximum'),
    queueMetric('hidden', queues.main, 'ApproximateNumberOfMessagesNotVisible', 'Maximum'),
    queueMetric('oldest', queues.main, 'ApproximateAgeOfOldestMessage', 'Maximum'),
    queueMetric('largeVisible', queues.large, 'ApproximateNumberOfMessagesVisible', 'Maximum'),
    queueMetric('largeHidden', queues.large, 'ApproximateNumberOfMessagesNotVisible', 'Maximum'),
    queueMetric('largeOldest', queues.large, 'ApproximateAgeOfOldestMessage', 'Maximum'),
    ...queues.deadLetters.map((name, n) =>
      queueMetric(`dead${n}`, name, 'ApproximateNumberOfMessagesVisible', 'Maximum'),
    ),
    queueMetric('readySent', queues.ready, 'NumberOfMessagesSent', 'Sum'),
    queueMetric('readyDeleted', queues.ready, 'NumberOfMessagesDeleted', 'Sum'),
    queueMetric('readyVisible', queues.ready, 'ApproximateNumberOfMessagesVisible', 'Maximum'),
    queueMetric('readyHidden', queues.ready, 'ApproximateNumberOfMessagesNotVisible', 'Maximum'),
    queueMetric('readyOldest', queues.ready, 'ApproximateAgeOfOldestMessage', 'Maximum'),
    ownMetric('bundled', DELIVERING, 'Bundled', 'Sum'),
    lambdaMetric('invocations', aggregator, 'Invocations', 'Sum'),
    lambdaMetric('errors', aggregator, 'Errors', 'Sum'),
    lambdaMetric('largeErrors', large, 'Errors', 'Sum'),
  ];
}

/** Reads the flow as it is now. @throws CallError, and errors of the SDK */
export async function readFlow(environment: Environment): Promise<Flow> {
  const { target, clock, resources } = environment;
  const now = clock.now();
  const { gaugeSeconds, lookBackMs } = paces[target];
  // The embedded cloud measures its queues when it is asked, which is later than now.
  const range = { from: now - lookBackMs, to: now + MINUTE_MS, periodSeconds: gaugeSeconds };
  const [values, backlog] = await Promise.all([
    readMetrics(flowQueries(environment), range, environment.cloudwatch),
    countBacklog(resources.buckets.distribution, now + LISTING_MS, environment),
  ]);
  return flowOf(values, backlog, environment, now);
}

/** Puts figures together. */
export function flowOf(
  values: ReadonlyMap<string, MetricValues>,
  backlog: Backlog,
  { target, queues, resources, name }: Pick<Environment, 'target' | 'queues' | 'resources' | 'name'>,
  at: number,
): Flow {
  const gauge = (id: string) => newestOf(values.get(id));
  // CloudWatch's metrics arrive a minute or two late, so on AWS the last minute is the newest one that is complete.
  const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS - 2 * MINUTE_MS;
  const perMinute = (id: string) =>
    target === 'local' ? sumOf(values.get(id)) : (values.get(id)?.get(minute) ?? 0);
  /** The same for the latest seconds, so that a failure shows as soon as it is known. */
  const recently = (id: string) =>
    sumOf(values.get(id), target === 'local' ? at - RECENT_SECONDS * 1000 : minute);
  const perSecond = (id: string) => perMinute(id) / 60;
  const dead = queues.deadLetters.map((_, n) => gauge(`dead${n}`) ?? 0);
  const [deadOfMain = 0, deadOfLarge] = dead;
  const waiting = (gauge('visible') ?? 0) + (gauge('delayed') ?? 0);
  const inFlight = gauge('hidden') ?? 0;
  const oldest = waiting + inFlight > 0 ? (gauge('oldest') ?? 0) : 0;
  const errors = perMinute('errors');
  const invocations = perMinute('invocations');
  const recent = {
    seconds: target === 'local' ? RECENT_SECONDS : Math.round((at - minute) / 1000),
    invocations: recently('invocations'),
    errors: recently('errors'),
  };
  // Lambda polls the queue all the time, so that it has figures on AWS even if nothing lands.
  const isMeasured = target === 'local' || gauge('visible') !== undefined || gauge('hidden') !== undefined;
  const hasReadyQueue = gauge('readyVisible') !== undefined;

  const landing: Stage = {
    name: 'landing',
    resource: resources.buckets.landing,
    status: 'ok',
    ratePerSecond: perSecond('sent'),
    rateUnit: 'files',
    sentence: `${rate(perSecond('sent'))} files a second land.`,
  };
  const queue: Stage = {
    name: 'queue',
    resource: queues.main,
    status:
      oldest >= LATE_SECONDS
        ? 'critical'
        : oldest >= HELD_UP_SECONDS || !isMeasured
          ? 'warning'
          : waiting > 0
            ? 'busy'
            : 'ok',
    ratePerSecond: perSecond('deleted'),
    rateUnit: 'files',
    waiting,
    inFlight,
    oldestSeconds: oldest,
    deadLetters: deadOfMain,
    sentence: !isMeasured
      ? NOT_MEASURED
      : waiting + inFlight === 0
        ? 'The queue is empty.'
        : `${counted(waiting, 'file')} ${waiting === 1 ? 'waits' : 'wait'} and ${counted(inFlight, 'file')} ${inFlight === 1 ? 'is' : 'are'} in flight; the oldest is ${duration(oldest)} old.`,
  };
  const aggregator: Stage = {
    name: 'aggregator',
    resource: physicalName({ name }, DELIVERING),
    status: fails(recent) ? 'critical' : errors > 0 ? 'warning' : inFlight > 0 ? 'busy' : 'ok',
    ratePerSecond: perSecond('bundled'),
    rateUnit: 'files',
    inFlight,
    errorsPerMinute: errors,
    sentence:
      errors > 0
        ? `${counted(errors, 'invocation')} of ${Math.max(errors, invocations)} failed in the last minute; ${rate(perSecond('bundled'))} files a second are bundled.`
        : `${rate(perSecond('bundled'))} files a second are bundled.`,
  };
  const bundlesSentence = `${backlog.complete ? '' : 'At least '}${counted(backlog.bundles, 'bundle')} ${backlog.bundles === 1 ? 'waits' : 'wait'} for the consumer`;
  const distribution: Stage = {
    name: 'distribution',
    resource: resources.buckets.distribution,
    status: backlog.oldestAgeSeconds >= LATE_BUNDLE_SECONDS ? 'warning' : backlog.bundles > 0 ? 'busy' : 'ok',
    ...(hasReadyQueue && { ratePerSecond: perSecond('readySent') }),
    rateUnit: 'bundles',
    waiting: backlog.bundles,
    oldestSeconds: backlog.oldestAgeSeconds,
    bytes: backlog.bytes,
    isLowerBound: !backlog.complete,
    sentence:
      backlog.bundles === 0
        ? 'No bundle waits for the consumer.'
        : `${bundlesSentence}; the oldest for ${duration(backlog.oldestAgeSeconds)}.`,
  };
  const consumer: Stage = {
    name: 'consumer',
    resource: hasReadyQueue ? queues.ready : resources.buckets.distribution,
    status: distribution.status === 'warning' ? 'warning' : (gauge('readyHidden') ?? 0) > 0 ? 'busy' : 'ok',
    ...(hasReadyQueue && {
      ratePerSecond: perSecond('readyDeleted'),
      waiting: gauge('readyVisible') ?? 0,
      inFlight: gauge('readyHidden') ?? 0,
      oldestSeconds: (gauge('readyVisible') ?? 0) > 0 ? (gauge('readyOldest') ?? 0) : 0,
    }),
    rateUnit: 'bundles',
    sentence: hasReadyQueue
      ? `The consumer takes ${rate(perSecond('readyDeleted'))} bundles a second.`
      : 'The consumer lists distribution; how fast it takes bundles is not measured.',
  };
  const hasLarge = gauge('largeVisible') !== undefined;
  const largeWaiting = gauge('largeVisible') ?? 0;
  const largeInFlight = gauge('largeHidden') ?? 0;
  const largeObjects: Stage = {
    name: 'large-objects',
    resource: queues.large,
    status: perMinute('largeErrors') > 0 ? 'warning' : largeWaiting + largeInFlight > 0 ? 'busy' : 'ok',
    rateUnit: 'files',
    waiting: largeWaiting,
    inFlight: largeInFlight,
    oldestSeconds: largeWaiting + largeInFlight > 0 ? (gauge('largeOldest') ?? 0) : 0,
    deadLetters: deadOfLarge ?? 0,
    errorsPerMinute: perMinute('largeErrors'),
    sentence:
      largeWaiting + largeInFlight === 0
        ? 'No large file waits.'
        : `${counted(largeWaiting, 'large file')} ${largeWaiting === 1 ? 'waits' : 'wait'}, ${largeInFlight} in flight.`,
  };
  const stages = [landing, queue, aggregator, distribution, consumer];
  const bottleneck = bottleneckOf({
    waiting,
    inFlight,
    oldestSeconds: oldest,
    inPerSecond: perSecond('sent'),
    outPerSecond: perSecond('bundled'),
    errorsPerMinute: errors,
    recent,
    bundlesWaiting: backlog.bundles,
    oldestBundleSeconds: backlog.oldestAgeSeconds,
    largeWaiting: largeWaiting + largeInFlight,
    largeOldestSeconds: largeObjects.oldestSeconds ?? 0,
  });
  return {
    at,
    stages,
    ...(hasLarge && { largeObjects }),
    deadLetters: dead.reduce((sum, letters) => sum + letters, 0),
    bottleneck:
      isMeasured || bottleneck.stage !== undefined
        ? bottleneck
        : { stage: 'queue', sentence: `Whether files are held up is not known. ${NOT_MEASURED}` },
  };
}

/** The last hour, minute by minute. */
export async function readHistory(environment: Environment): Promise<FlowHistory> {
  const { queues, clock } = environment;
  const aggregator = physicalName(environment, DELIVERING);
  const periodSeconds = 60;
  const end = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const from = end - 60 * MINUTE_MS;
  const [deadLetters = ''] = queues.deadLetters;
  const queries: (Omit<Series, 'values'> & { query: MetricQuery; perSecond?: true; fill?: 0 })[] = [
    {
      id: 'notified',
      label: 'Files landed',
      unit: 'files/s',
      query: queueMetric('a', queues.main, 'NumberOfMessagesSent', 'Sum'),
      perSecond: true,
      fill: 0,
    },
    {
      id: 'bundled',
      label: 'Files bundled',
      unit: 'files/s',
      query: ownMetric('b', DELIVERING, 'Bundled', 'Sum'),
      perSecond: true,
      fill: 0,
    },
    {
      id: 'queue-waiting',
      label: 'Files waiting',
      unit: 'files',
      query: queueMetric('c', queues.main, 'ApproximateNumberOfMessagesVisible', 'Maximum'),
    },
    {
      id: 'queue-in-flight',
      label: 'Files in flight',
      unit: 'files',
      query: queueMetric('d', queues.main, 'ApproximateNumberOfMessagesNotVisible', 'Maximum'),
    },
    {
      id: 'queue-oldest',
      label: 'Age of the oldest file',
      unit: 's',
      query: queueMetric('e', queues.main, 'ApproximateAgeOfOldestMessage', 'Maximum'),
    },
    {
      id: 'dead-letters',
      label: 'Dead letters',
      unit: 'letters',
      query: queueMetric('f', deadLetters, 'ApproximateNumberOfMessagesVisible', 'Maximum'),
    },
    {
      id: 'invocations',
      label: 'Invocations of the aggregator',
      unit: 'per minute',
      query: lambdaMetric('g', aggregator, 'Invocations', 'Sum'),
      fill: 0,
    },
    {
      id: 'errors',
      label: 'Failed invocations',
      unit: 'per minute',
      query: lambdaMetric('h', aggregator, 'Errors', 'Sum'),
      fill: 0,
    },
    {
      id: 'duration',
      label: 'Longest invocation',
      unit: 'ms',
      query: lambdaMetric('i', aggregator, 'Duration', 'Maximum'),
    },
    {
      id: 'bundles-waiting',
      label: 'Messages waiting for the consumer',
      unit: 'bundles',
      query: queueMetric('j', queues.ready, 'ApproximateNumberOfMessagesVisible', 'Maximum'),
    },
    {
      id: 'bundles-oldest',
      label: 'Age of the oldest message for the consumer',
      unit: 's',
      query: queueMetric('k', queues.ready, 'ApproximateAgeOfOldestMessage', 'Maximum'),
    },
  ];
  const range = { from, to: end, periodSeconds };
  const values = await readMetrics(
    queries.map(({ query }) => query),
    range,
    environment.cloudwatch,
  );
  const times = Array.from({ length: 60 }, (_, n) => from + n * MINUTE_MS);
  return {
    times,
    periodSeconds,
    series: queries.map(({ query, perSecond, fill, ...series }) => ({
      ...series,
      values: times.map((time) => {
        const value = values.get(query.id)?.get(time) ?? fill;
        if (value === undefined) return null;
        return perSecond ? value / periodSeconds : value;
      }),
    })),
  };
}
