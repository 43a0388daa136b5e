import { at, listAt, numberAt, ofType, type Resource, tagOf, type Templates } from '../rules/rule.ts';
import { METRIC_NAMESPACE } from '../metrics.ts';
import { RESOURCE_TAG } from '../tag-keys.ts';
import type { Design } from './design.ts';
import { HOURS } from './workload.ts';

/** The function whose batches become bundles. */
const BUNDLING = 'aggregator';
/** Metrics that S3 makes of replication, billed as one's own. */
const REPLICATION_METRICS = 4;

/** Reads from an environment's templates what of it costs. */
export function readDesign(templates: Templates): Design {
  const bundling = find(templates, 'AWS::Lambda::Function', BUNDLING);
  const mapping = find(templates, 'AWS::Lambda::EventSourceMapping', `${BUNDLING}.mapping`);
  const landing = lifecycle(find(templates, 'AWS::S3::Bucket', 'landing'));
  const distribution = lifecycle(find(templates, 'AWS::S3::Bucket', 'distribution'));
  const archive = lifecycle(find(templates, 'AWS::S3::Bucket', 'archive'));
  const ledger = find(templates, 'AWS::DynamoDB::Table', 'ledger');
  const endpoints = ofType(templates, 'AWS::EC2::VPCEndpoint').filter(
    ({ properties }) => properties.VpcEndpointType === 'Interface',
  );
  return {
    batchSize: numberAt(mapping.properties, 'BatchSize'),
    batchWindowSeconds: numberAt(mapping.properties, 'MaximumBatchingWindowInSeconds'),
    memoryMb: numberAt(bundling.properties, 'MemorySize'),
    // A claim for each file, and a note for each bundle: section 3 of the design.
    writesPerFile: 1,
    writesPerBundle: 1,
    landingDays: landing.current + landing.noncurrent,
    distributionDays: distribution.noncurrent,
    deepArchiveAfterDays: archive.transition,
    archiveDays: archive.current,
    accessLogDays: lifecycle(find(templates, 'AWS::S3::Bucket', 'access-logs')).current,
    claimDays: templates.environment.retention.claimDays,
    pointInTimeRecovery:
      at(ledger.properties, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') === true,
    logDays: numberAt(
      find(templates, 'AWS::Logs::LogGroup', `${BUNDLING}.logs`).properties,
      'RetentionInDays',
    ),
    scheduled: scheduled(templates),
    customMetrics: ownMetrics(templates) + REPLICATION_METRICS,
    alarms: ofType(templates, 'AWS::CloudWatch::Alarm').length,
    compositeAlarms: ofType(templates, 'AWS::CloudWatch::CompositeAlarm').length,
    dashboards: ofType(templates, 'AWS::CloudWatch::Dashboard').length,
    endpointZones: endpoints.reduce((sum, { properties }) => sum + listAt(properties, 'SubnetIds').length, 0),
  };
}

function find(templates: Templates, type: string, name: string): Resource {
  const found = ofType(templates, type).find((resource) => tagOf(resource, RESOURCE_TAG) === name);
  if (found === undefined) throw new Error(`The templates have no ${type} named "${name}".`);
  return found;
}

/** How long a bucket keeps things, in days; for ever where no rule says otherwise. */
function lifecycle({ properties }: Resource) {
  const rules = listAt(properties, 'LifecycleConfiguration', 'Rules');
  const shortest = (...path: (string | number)[]) =>
    Math.min(...rules.map((rule) => numberAt(rule, ...path)).filter((days) => !Number.isNaN(days)), Infinity);
  return {
    current: shortest('ExpirationInDays'),
    noncurrent: shortest('NoncurrentVersionExpiration', 'NoncurrentDays'),
    transition: shortest('Transitions', 0, 'TransitionInDays'),
  };
}

const MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 24 * 60 };

/** What schedules invoke; one that is written as a calendar is taken to be daily. */
function scheduled(templates: Templates): Design['scheduled'] {
  return ofType(templates, 'AWS::Events::Rule')
    .filter(({ properties }) => typeof properties.ScheduleExpression === 'string')
    .map(({ stack, properties }) => {
      const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(properties.ScheduleExpression));
      const minutes = rate === null ? 24 * 60 : Number(rate[1]) * (MINUTES[rate[2] ?? ''] ?? 24 * 60);
      const fn = ofType(templates, 'AWS::Lambda::Function').find((candidate) => candidate.stack === stack);
      return { invocations: (HOURS * 60) / minutes, memoryMb: numberAt(fn?.properties, 'MemorySize') };
    });
}

/** Metrics of our namespace that something watches, or that are made from logs, each counted once. */
function ownMetrics(templates: Templates): number {
  const watched = ofType(templates, 'AWS::CloudWatch::Alarm')
    .filter(({ properties }) => properties.Namespace === METRIC_NAMESPACE)
    .map(({ properties }) => properties.MetricName);
  const made = ofType(templates, 'AWS::Logs::MetricFilter').map(({ properties }) =>
    at(properties, 'MetricTransformations', 0, 'MetricName'),
  );
  return new Set([...watched, ...made]).size;
}
