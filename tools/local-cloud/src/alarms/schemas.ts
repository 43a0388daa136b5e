import * as v from 'valibot';
import { ignored, tags } from '../assembly/schemas/storage.ts';

const dimensions = v.optional(v.array(v.strictObject({ Name: v.string(), Value: v.string() })), []);
const metric = v.strictObject({ Namespace: v.string(), MetricName: v.string(), Dimensions: dimensions });

const actions = {
  AlarmName: v.optional(v.string()),
  AlarmDescription: v.optional(v.string()),
  AlarmActions: ignored,
  OKActions: ignored,
  InsufficientDataActions: ignored,
  ActionsEnabled: ignored,
  Tags: tags,
};

export const metricAlarm = v.strictObject({
  ...actions,
  ComparisonOperator: v.picklist([
    'GreaterThanOrEqualToThreshold',
    'GreaterThanThreshold',
    'LessThanThreshold',
    'LessThanOrEqualToThreshold',
  ]),
  Threshold: v.number(),
  EvaluationPeriods: v.pipe(v.number(), v.integer(), v.minValue(1)),
  DatapointsToAlarm: v.optional(v.number()),
  TreatMissingData: v.optional(v.picklist(['breaching', 'notBreaching', 'ignore', 'missing']), 'missing'),
  Namespace: v.optional(v.string()),
  MetricName: v.optional(v.string()),
  Dimensions: dimensions,
  Statistic: v.optional(v.string()),
  ExtendedStatistic: v.optional(v.string()),
  Period: v.optional(v.number()),
  Unit: ignored,
  Metrics: v.optional(
    v.array(
      v.strictObject({
        Id: v.string(),
        Expression: v.optional(v.string()),
        Label: ignored,
        ReturnData: v.optional(v.boolean(), true),
        Period: v.optional(v.number()),
        MetricStat: v.optional(
          v.strictObject({ Metric: metric, Period: v.number(), Stat: v.string(), Unit: ignored }),
        ),
      }),
    ),
  ),
});

export const compositeAlarm = v.strictObject({ ...actions, AlarmRule: v.string() });

export const metricFilter = v.strictObject({
  FilterName: ignored,
  LogGroupName: v.string(),
  FilterPattern: v.string(),
  MetricTransformations: v.array(
    v.strictObject({
      MetricName: v.string(),
      MetricNamespace: v.string(),
      MetricValue: v.string(),
      Unit: ignored,
    }),
  ),
});

export type MetricAlarmProperties = v.InferOutput<typeof metricAlarm>;
