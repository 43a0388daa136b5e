import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { QueueFunction } from '../app/functions.ts';
import { queueName } from '../conventions/names.ts';
import { alarm, type Watch } from './alarm.ts';
import {
  backlog,
  BACKLOG_SERVICE,
  degradedReads,
  landingToDisk,
  outcomes,
  queueMetric,
  replicationMetric,
} from './metrics.ts';

/** Alarms on unusually many notifications and, where the environment sets `silenceMinutes`, on none. */
export function inflowAlarms(watch: Watch, fn: QueueFunction): void {
  const { name } = fn.manifest;
  const { silenceMinutes, unusualInflowPerFiveMinutes } = watch.environment.observability;
  const sent = (period?: Duration) =>
    queueMetric(queueName(watch.environment.name, name), 'NumberOfMessagesSent', Stats.SUM, period);
  alarm(watch, {
    id: `${name}-unusual-inflow`,
    meaning: `${unusualInflowPerFiveMinutes} notifications or more reached ${name} in five minutes, twice in a row. Files can be late, and costs rise.`,
    section: 'unusual-inflow',
    notifies: 'warning',
    metric: sent(),
    atLeast: unusualInflowPerFiveMinutes,
    periods: 2,
  });
  if (silenceMinutes === undefined) return;
  alarm(watch, {
    id: `${name}-no-inflow`,
    meaning: `No notification reached ${name} for ${silenceMinutes} minutes. Either no files were uploaded, or S3 notifications are broken.`,
    section: 'no-inflow',
    notifies: 'warning',
    metric: sent(Duration.minutes(silenceMinutes)),
    below: 1,
    missing: TreatMissingData.BREACHING,
  });
}

/** Alarm on many files that cannot be delivered. */
export function quarantineAlarm(watch: Watch): void {
  const { quarantinedPerFiveMinutes } = watch.environment.observability;
  alarm(watch, {
    id: 'quarantine',
    meaning: `${quarantinedPerFiveMinutes} files or more were quarantined in five minutes and are in no bundle. Probably all files have the same problem.`,
    section: 'quarantine',
    notifies: 'critical',
    metric: outcomes('Quarantined'),
    atLeast: quarantinedPerFiveMinutes,
  });
}

/** Alarm on a change in Node's behaviour that fast reads depend on. Files are still delivered. */
export function degradedReadsAlarm(watch: Watch): void {
  alarm(watch, {
    id: 'degraded-reads',
    meaning:
      'The aggregator fell back to slower reads because Node changed its behaviour. Files are delivered correctly and on time; CPU use rises.',
    section: 'degraded-reads',
    notifies: 'warning',
    metric: degradedReads(),
    atLeast: 1,
  });
}

/** Alarms on bundles that the consumer does not collect, and on a missing count of them. */
export function backlogAlarms(watch: Watch): void {
  const { backlogAgeSeconds, backlogBundles, landingToDiskSeconds } = watch.environment.observability;
  alarm(watch, {
    id: 'backlog-count',
    meaning: `${backlogBundles} bundles or more wait for the consumer. It collects too slowly or not at all.`,
    section: 'backlog',
    notifies: 'warning',
    metric: backlog('BacklogBundles'),
    atLeast: backlogBundles,
    periods: 2,
  });
  alarm(watch, {
    id: 'backlog-age',
    meaning: `A bundle has waited for the consumer for ${backlogAgeSeconds} s or longer. The consumer may have stopped.`,
    section: 'backlog',
    notifies: 'warning',
    metric: backlog('OldestBundleAgeSeconds'),
    atLeast: backlogAgeSeconds,
    periods: 2,
  });
  if (landingToDiskSeconds !== undefined) {
    alarm(watch, {
      id: 'landing-to-disk',
      meaning: `One bundle in twenty or more took ${landingToDiskSeconds} s or longer from the landing of its first file to the consumer's disk, for half an hour. The consumer is slow, or has just caught up.`,
      section: 'backlog',
      notifies: 'warning',
      metric: landingToDisk('p95'),
      atLeast: landingToDiskSeconds,
      periods: 6,
    });
  }
  if (!watch.functions.some(({ manifest }) => manifest.name === BACKLOG_SERVICE)) return;
  alarm(watch, {
    id: 'backlog-uncounted',
    meaning:
      'The distribution monitor has not counted the waiting bundles for half an hour, so a backlog would go unnoticed.',
    section: 'backlog',
    notifies: 'warning',
    metric: backlog('BacklogBundles', Stats.SAMPLE_COUNT),
    below: 1,
    periods: 6,
    missing: TreatMissingData.BREACHING,
  });
}

/** Alarms on bundles that do not reach the archive. Most do within 15 minutes. */
export function replicationAlarms(watch: Watch): void {
  alarm(watch, {
    id: 'replication-failures',
    meaning:
      'S3 failed to replicate a bundle to the archive. The consumer still gets it, but there is no copy for a replay.',
    section: 'replication',
    notifies: 'warning',
    metric: replicationMetric(watch, 'OperationsFailedReplication', Stats.SUM),
    atLeast: 1,
  });
  alarm(watch, {
    id: 'replication-latency',
    meaning:
      'Replication to the archive is an hour late or more. The consumer is not affected; replays cannot find recent bundles.',
    section: 'replication',
    notifies: 'warning',
    metric: replicationMetric(watch, 'ReplicationLatency', Stats.MAXIMUM),
    atLeast: Duration.hours(1).toSeconds(),
    periods: 3,
  });
}
