import { CfnLogGroup, CfnMetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Context } from '../app/component.ts';
import { logGroupName, type LogMetric, logMetricName, METRIC_NAMESPACE } from '../conventions/names.ts';
import { applyRemovalPolicy } from '../conventions/removal-policy.ts';
import { tagResource } from '../conventions/tags.ts';

/** A function's log group, with two metrics that only Lambda's own log lines contain. */
export function functionLogs({ scope, environment }: Context, fn: string): CfnLogGroup {
  const group = new CfnLogGroup(scope, 'Logs', {
    logGroupName: logGroupName(environment.name, fn),
    retentionInDays: environment.retention.functionLogDays,
  });
  applyRemovalPolicy(group, environment);

  const metric = (name: LogMetric, metricValue: string, filterPattern: string) =>
    new CfnMetricFilter(scope, name, {
      logGroupName: group.ref,
      filterPattern,
      metricTransformations: [
        {
          metricNamespace: METRIC_NAMESPACE,
          metricName: logMetricName(environment.name, fn, name),
          metricValue,
        },
      ],
    });
  metric('Timeouts', '1', '{ ($.type = "platform.report") && ($.record.status = "timeout") }');
  metric('MaxMemoryUsedMB', '$.record.metrics.maxMemoryUsedMB', '{ $.type = "platform.report" }');
  return tagResource(group, `${fn}.logs`);
}
