import * as v from 'valibot';
import type { AlarmReport } from '../alarms/alarms.ts';
import type { AlarmModel } from '../alarms/model.ts';
import { alarmArn, type Place } from '../assembly/identity.ts';
import { ApiError, operation, pageOf, wholeNumber, type Api } from './api.ts';

const names = v.optional(v.pipe(v.array(v.string()), v.maxLength(100)));
const described = v.strictObject({
  AlarmNames: names,
  AlarmNamePrefix: v.optional(v.string()),
  AlarmTypes: v.optional(v.array(v.picklist(['MetricAlarm', 'CompositeAlarm'])), ['MetricAlarm']),
  StateValue: v.optional(v.picklist(['OK', 'ALARM', 'INSUFFICIENT_DATA'])),
  MaxRecords: v.optional(wholeNumber(1, 100), 50),
  NextToken: v.optional(v.string()),
});

/**
 * CloudWatch's DescribeAlarms. Composite alarms are returned only if AlarmTypes asks for them, as on AWS.
 *
 * @param report the current state of each alarm
 */
export function alarmsApi(
  alarms: readonly AlarmModel[],
  report: () => Promise<readonly AlarmReport[]>,
  place: Place,
): Api {
  const resources = ({ AlarmNames = ['*'] }: v.InferOutput<typeof described>) =>
    AlarmNames.map((name) => alarmArn(name, place));
  return {
    DescribeAlarms: operation(
      described,
      { action: 'cloudwatch:DescribeAlarms', invalid: 'InvalidParameterValue', resources },
      async ({ AlarmNames, AlarmNamePrefix, AlarmTypes, StateValue, MaxRecords, NextToken }) => {
        if (AlarmNames && AlarmNamePrefix !== undefined) {
          throw new ApiError('ValidationError', 'AlarmNames and AlarmNamePrefix cannot be used together.');
        }
        const reports = new Map((await report()).map((one) => [one.name, one]));
        const found = alarms.flatMap((alarm) => {
          const now = reports.get(alarm.name);
          const isMeant =
            AlarmTypes.includes(typeOf(alarm)) &&
            (AlarmNames?.includes(alarm.name) ?? alarm.name.startsWith(AlarmNamePrefix ?? '')) &&
            (StateValue ?? now?.state) === now?.state;
          return now && isMeant ? [{ alarm, described: describe(alarm, now) }] : [];
        });
        const { page, ...more } = pageOf(found, MaxRecords, NextToken);
        const ofKind = (kind: AlarmModel['kind']) =>
          page.filter(({ alarm }) => alarm.kind === kind).map((one) => one.described);
        return { MetricAlarms: ofKind('metric'), CompositeAlarms: ofKind('composite'), ...more };
      },
    ),
  };
}

const typeOf = ({ kind }: AlarmModel) => (kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm');

function describe(alarm: AlarmModel, { state, reason, since }: AlarmReport): object {
  const common = {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AlarmDescription: alarm.description,
    StateValue: state,
    StateReason: reason,
    StateUpdatedTimestamp: new Date(since),
  };
  if (alarm.kind === 'composite') return { ...common, AlarmRule: alarm.ruleText };
  return {
    ...common,
    ...metricOf(alarm),
    EvaluationPeriods: alarm.periods,
    DatapointsToAlarm: alarm.datapoints,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    TreatMissingData: alarm.missing,
  };
}

/** The metric, if the alarm watches a single one. */
function metricOf({ figures, watched, period }: AlarmModel & { kind: 'metric' }): object {
  const figure = figures.get(watched);
  if (figures.size !== 1 || figure?.kind !== 'metric') return {};
  const { namespace, name, dimensions } = figure.metric;
  return {
    Namespace: namespace,
    MetricName: name,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    Period: period,
  };
}
