import { at, listAt, ofType } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** Metrics that show a missing replica: S3 gave up, or is late. */
const METRICS = ['OperationsFailedReplication', 'ReplicationLatency'];

/** Nothing else shows that replication has stopped: bundles are still published and collected. */
export const replicasAreWatched: Rule = {
  name: 'ReplicasAreWatched',
  fix: 'Enable the metrics of the replication rule and give it the alarms of observability/flow-alarms.ts.',
  check(templates) {
    const watched = ofType(templates, 'AWS::CloudWatch::Alarm').map(({ properties }) => ({
      metric: properties.MetricName,
      rule: listAt(properties, 'Dimensions').find((dimension) => at(dimension, 'Name') === 'RuleId'),
    }));
    return ofType(templates, 'AWS::S3::Bucket').flatMap((resource) =>
      listAt(resource.properties, 'ReplicationConfiguration', 'Rules').flatMap((rule) => {
        const id = at(rule, 'Id');
        const missing = METRICS.filter(
          (metric) => !watched.some((alarm) => alarm.metric === metric && at(alarm.rule, 'Value') === id),
        ).map((metric) => `its replication rule "${String(id)}" has no alarm on ${metric}`);
        return [
          ...(at(rule, 'Destination', 'Metrics', 'Status') === 'Enabled'
            ? []
            : [`its replication rule "${String(id)}" has no metrics enabled`]),
          ...missing,
        ].map((problem) => ({ resource, problem }));
      }),
    );
  },
};
