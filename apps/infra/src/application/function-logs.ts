import type { FunctionManifest } from '@data-aggregator/function-manifest';
import { CfnLogGroup, CfnMetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Context } from '../app/component.ts';
import { highMemoryMetricName, logGroupName, METRIC_NAMESPACE } from '../conventions/names.ts';
import { applyRemovalPolicy } from '../conventions/removal-policy.ts';
import { tagResource } from '../conventions/tags.ts';

/** Memory in MB from which an invocation of a function counts as using too much. */
export function highMemoryMb({ memoryMb, alarms: { memoryPercent = 85 } }: FunctionManifest): number {
  return Math.floor((memoryMb * memoryPercent) / 100);
}

/**
 * A function's log group, and a metric for memory, which only Lambda's own log lines contain. The filter matches only what is
 * too much: CloudWatch charges a metric for the hours in which it has values.
 */
export function functionLogs({ scope, environment }: Context, manifest: FunctionManifest): CfnLogGroup {
  const group = new CfnLogGroup(scope, 'Logs', {
    logGroupName: logGroupName(environment.name, manifest.name),
    retentionInDays: environment.retention.functionLogDays,
  });
  applyRemovalPolicy(group, environment);
  new CfnMetricFilter(scope, 'HighMemory', {
    logGroupName: group.ref,
    filterPattern: `{ ($.type = "platform.report") && ($.record.metrics.maxMemoryUsedMB >= ${highMemoryMb(manifest)}) }`,
    metricTransformations: [
      {
        metricNamespace: METRIC_NAMESPACE,
        metricName: highMemoryMetricName(environment.name),
        metricValue: '$.record.metrics.maxMemoryUsedMB',
      },
    ],
  });
  return tagResource(group, `${manifest.name}.logs`);
}
