import { at, listAt, ofType } from '../templates/resources.ts';
import type { Rule } from './rule.ts';

/** Metrics that show a replica which does not arrive: S3 gave up, or has not come to it yet. */
const METRICS = ['OperationsFailedReplication', 'ReplicationLatency'];

/** Replication that stopped is noticed in no other way: bundles are published and taken as before. */
export const replicasAreWatched: Rule = {
  name: 'ReplicasAreWatched',
  fix: 'Switch the metrics of the replication rule on, and give it the alarms of observability/flow-alarms.ts.',
  check(templates) {
    const watched = ofType(templates, 'AWS::CloudWatch::Alarm').map(({ properties }) => ({
      metric: properties.MetricName,
      rule: listAt(properties, 'Dimensions').find((dimension) => at(dimension, 'Name') === 'RuleId'),
    }));
    return ofType(templates, 'AWS::S3::Bucket').flatMap((resource) =>
      listAt(resource.properties, 'ReplicationConfiguration', 'Rules').flatMap((rule) => {
        const id = at(rule, 'Id');
        const missing = METRICS.filter(
          (metric) => !watched.some((one) => one.metric === metric && at(one.rule, 'Value') === id),
        ).map((metric) => `no alarm watches ${metric} of its replication rule "${String(id)}"`);
        return [
          ...(at(rule, 'Destination', 'Metrics', 'Status') === 'Enabled'
            ? []
            : [`its replication rule "${String(id)}" has no metrics`]),
          ...missing,
        ].map((problem) => ({ resource, problem }));
      }),
    );
  },
};
