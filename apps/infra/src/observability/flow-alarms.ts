import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { QueueFunction } from '../app/functions.ts';
import { queueName } from '../conventions/names.ts';
import { alarm, type Watch } from './alarm.ts';
import { backlog, BACKLOG_SERVICE, degradedReads, fates, queueMetric, replicationMetric } from './metrics.ts';

/** Files come in as usual, and few of them are unfit. */
export function inflowAlarms(watch: Watch, fn: QueueFunction): void {
  const { name } = fn.manifest;
  const { silenceMinutes, unusualInflowPerFiveMinutes } = watch.environment.observability;
  const sent = (period?: Duration) =>
    queueMetric(queueName(watch.environment.name, name), 'NumberOfMessagesSent', Stats.SUM, period);
  alarm(watch, {
    id: `${name}-unusual-inflow`,
    meaning: `More than ${unusualInflowPerFiveMinutes} notifications reached ${name} in five minutes, twice in a row.`,
    section: 'unusual-inflow',
    tells: 'warning',
    metric: sent(),
    atLeast: unusualInflowPerFiveMinutes,
    periods: 2,
  });
  if (silenceMinutes === undefined) return;
  alarm(watch, {
    id: `${name}-no-inflow`,
    meaning: `No notification reached ${name} for ${silenceMinutes} minutes.`,
    section: 'no-inflow',
    tells: 'warning',
    metric: sent(Duration.minutes(silenceMinutes)),
    below: 1,
    missing: TreatMissingData.BREACHING,
  });
}

export function quarantineAlarm(watch: Watch): void {
  const { quarantinedPerFiveMinutes } = watch.environment.observability;
  alarm(watch, {
    id: 'quarantine',
    meaning: `${quarantinedPerFiveMinutes} files or more were put aside in five minutes because they cannot be delivered.`,
    section: 'quarantine',
    tells: 'critical',
    metric: fates('Quarantined'),
    atLeast: quarantinedPerFiveMinutes,
  });
}

/** A new version of Node changed something that fast reads depend on. Files are still delivered. */
export function degradedReadsAlarm(watch: Watch): void {
  alarm(watch, {
    id: 'degraded-reads',
    meaning: 'The aggregator reads files in the slower, plain way, because Node changed.',
    section: 'degraded-reads',
    tells: 'warning',
    metric: degradedReads(),
    atLeast: 1,
  });
}

/** The consumer takes what is published. */
export function backlogAlarms(watch: Watch): void {
  const { backlogAgeSeconds, backlogBundles } = watch.environment.observability;
  alarm(watch, {
    id: 'backlog-count',
    meaning: `${backlogBundles} bundles or more wait for the consumer.`,
    section: 'backlog',
    tells: 'warning',
    metric: backlog('BacklogBundles'),
    atLeast: backlogBundles,
    periods: 2,
  });
  alarm(watch, {
    id: 'backlog-age',
    meaning: `A bundle has waited for the consumer longer than ${backlogAgeSeconds} s.`,
    section: 'backlog',
    tells: 'warning',
    metric: backlog('OldestBundleAgeSeconds'),
    atLeast: backlogAgeSeconds,
    periods: 2,
  });
  if (!watch.functions.some(({ manifest }) => manifest.name === BACKLOG_SERVICE)) return;
  alarm(watch, {
    id: 'backlog-uncounted',
    meaning: 'For half an hour nobody has counted the bundles that wait for the consumer.',
    section: 'backlog',
    tells: 'warning',
    metric: backlog('BacklogBundles', Stats.SAMPLE_COUNT),
    below: 1,
    periods: 6,
    missing: TreatMissingData.BREACHING,
  });
}

/** Every bundle reaches the archive. Most do within 15 minutes. */
export function replicationAlarms(watch: Watch): void {
  alarm(watch, {
    id: 'replication-failures',
    meaning: 'S3 could not replicate a bundle into the archive.',
    section: 'replication',
    tells: 'warning',
    metric: replicationMetric(watch, 'OperationsFailedReplication', Stats.SUM),
    atLeast: 1,
  });
  alarm(watch, {
    id: 'replication-latency',
    meaning: 'Bundles reach the archive an hour late or more.',
    section: 'replication',
    tells: 'warning',
    metric: replicationMetric(watch, 'ReplicationLatency', Stats.MAXIMUM),
    atLeast: Duration.hours(1).toSeconds(),
    periods: 3,
  });
}
