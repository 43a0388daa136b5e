import { type Design, HOURS } from '@data-aggregator/cost-model';
import {
  at,
  findResource,
  listAt,
  numberAt,
  ofType,
  type Resource,
  resourceNamed,
  type Templates,
} from '../templates/resources.ts';
import { currentDays, noncurrentDays, transitionDays } from '../templates/lifecycle-days.ts';

/** The function that builds the bundles. */
const BUNDLING = 'aggregator';
/** The function that bundles large objects. */
const LARGE = 'large-objects';

/** Whether an environment has the functions that its cost depends on. Tests synthesise others. */
export function hasDesign(templates: Templates): boolean {
  return findResource(templates, 'AWS::Lambda::Function', BUNDLING) !== undefined;
}

/** Reads the parts of an environment's templates that determine its cost. */
export function readDesign(templates: Templates): Design {
  const bundling = resourceNamed(templates, 'AWS::Lambda::Function', BUNDLING);
  const mapping = resourceNamed(templates, 'AWS::Lambda::EventSourceMapping', `${BUNDLING}.mapping`);
  // Without it, the aggregator bundles large objects itself.
  const large = findResource(templates, 'AWS::Lambda::Function', LARGE) ?? bundling;
  const landing = resourceNamed(templates, 'AWS::S3::Bucket', 'landing');
  const distribution = resourceNamed(templates, 'AWS::S3::Bucket', 'distribution');
  const archive = resourceNamed(templates, 'AWS::S3::Bucket', 'archive');
  const ledger = resourceNamed(templates, 'AWS::DynamoDB::Table', 'ledger');
  const endpoints = ofType(templates, 'AWS::EC2::VPCEndpoint').filter(
    ({ properties }) => properties.VpcEndpointType === 'Interface',
  );
  return {
    batchSize: numberAt(mapping.properties, 'BatchSize'),
    batchWindowSeconds: numberAt(mapping.properties, 'MaximumBatchingWindowInSeconds'),
    memoryMb: numberAt(bundling.properties, 'MemorySize'),
    large: {
      memoryMb: numberAt(large.properties, 'MemorySize'),
      timeoutSeconds: numberAt(large.properties, 'Timeout'),
    },
    queues: ofType(templates, 'AWS::Lambda::EventSourceMapping').length,
    readyQueue: templates.environment.readyQueue,
    // A claim per file and a bundle record per bundle: docs/decisions/0007-one-write-per-file.md.
    writesPerFile: 1,
    writesPerBundle: 1,
    landingDays: currentDays(landing) + noncurrentDays(landing),
    distributionDays: noncurrentDays(distribution),
    archiveClass: replicaClass(distribution),
    gzipManifests: at(bundling.properties, 'Environment', 'Variables', 'MANIFEST_ENCODING') === 'gzip',
    deepArchiveAfterDays: transitionDays(archive),
    archiveDays: currentDays(archive),
    accessLogDays: currentDays(resourceNamed(templates, 'AWS::S3::Bucket', 'access-logs')),
    landingAccessLogs: landing.properties.LoggingConfiguration !== undefined,
    claimDays: templates.environment.retention.claimDays,
    pointInTimeRecovery:
      at(ledger.properties, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') === true,
    logDays: numberAt(
      resourceNamed(templates, 'AWS::Logs::LogGroup', `${BUNDLING}.logs`).properties,
      'RetentionInDays',
    ),
    scheduled: scheduled(templates),
    alarmMetrics: ofType(templates, 'AWS::CloudWatch::Alarm').reduce((sum, each) => sum + metricsOf(each), 0),
    compositeAlarms: ofType(templates, 'AWS::CloudWatch::CompositeAlarm').length,
    dashboards: ofType(templates, 'AWS::CloudWatch::Dashboard').length,
    tracing: at(bundling.properties, 'TracingConfig', 'Mode') === 'Active',
    endpointZones: endpoints.reduce((sum, { properties }) => sum + listAt(properties, 'SubnetIds').length, 0),
  };
}

function replicaClass({ properties }: Resource): Design['archiveClass'] {
  const rule = at(properties, 'ReplicationConfiguration', 'Rules', 0);
  return at(rule, 'Destination', 'StorageClass') === 'GLACIER_IR' ? 'GLACIER_IR' : 'STANDARD';
}

function metricsOf({ properties }: Resource): number {
  const metrics = listAt(properties, 'Metrics').filter((each) => at(each, 'MetricStat') !== undefined);
  return Math.max(1, metrics.length);
}

const MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 24 * 60 };

/** Scheduled invocations. A cron expression is assumed to run daily. */
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
