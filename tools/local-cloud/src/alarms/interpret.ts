import { AssemblyError } from '../assembly/cloud-assembly.ts';
import { alarmArn, type Place } from '../assembly/identity.ts';
import type { Resource } from '../assembly/scope.ts';
import { ofType, type Typed } from '../assembly/typed.ts';
import { AlarmError } from './alarm-error.ts';
import type { AlarmModel, Figure, MetricAlarm, MetricFilterModel } from './model.ts';
import { parseExpression } from './expression.ts';
import { parseFilterPattern, selectorPath } from './filter-pattern.ts';
import { parseRule } from './rule.ts';
import { compositeAlarm, metricAlarm, type MetricAlarmProperties, metricFilter } from './schemas.ts';
import { statisticOf } from './statistics.ts';

/** The templates' alarms. @throws AssemblyError that names the unsupported part, with the AlarmError as cause */
export function interpretAlarms(resources: readonly Resource[], place: Place): AlarmModel[] {
  const named = ({ resource, properties }: Typed<{ AlarmDescription?: string | undefined }>) => ({
    name: resource.physicalName,
    arn: alarmArn(resource.physicalName, place),
    description: properties.AlarmDescription,
  });
  return [
    ...ofType(resources, 'AWS::CloudWatch::Alarm', metricAlarm).map((typed) =>
      locating(typed, () => ({ kind: 'metric' as const, ...named(typed), ...comparison(typed.properties) })),
    ),
    ...ofType(resources, 'AWS::CloudWatch::CompositeAlarm', compositeAlarm).map((typed) =>
      locating(typed, () => ({
        kind: 'composite' as const,
        ...named(typed),
        rule: parseRule(typed.properties.AlarmRule),
        ruleText: typed.properties.AlarmRule,
      })),
    ),
  ];
}

/** The templates' metric filters. @throws AssemblyError */
export function interpretMetricFilters(resources: readonly Resource[]): MetricFilterModel[] {
  return ofType(resources, 'AWS::Logs::MetricFilter', metricFilter).flatMap((typed) => {
    const { LogGroupName: logGroup, FilterPattern, MetricTransformations } = typed.properties;
    return locating(typed, () =>
      MetricTransformations.map(({ MetricNamespace: namespace, MetricName: name, MetricValue }) => ({
        logGroup,
        pattern: parseFilterPattern(FilterPattern),
        metric: { namespace, name, dimensions: {} },
        value: filterValue(MetricValue),
      })),
    );
  });
}

function filterValue(text: string): MetricFilterModel['value'] {
  if (text.startsWith('$.')) return selectorPath(text);
  const value = Number(text);
  if (!Number.isFinite(value)) throw new AlarmError(`the metric value ${text} is not a number`);
  return value;
}

function comparison(
  properties: MetricAlarmProperties,
): Omit<MetricAlarm, 'kind' | 'name' | 'arn' | 'description'> {
  const { EvaluationPeriods: periods, DatapointsToAlarm: datapoints = periods } = properties;
  return {
    ...(properties.Metrics ? ofExpression(properties.Metrics) : ofMetric(properties)),
    periods,
    datapoints,
    comparison: properties.ComparisonOperator,
    threshold: properties.Threshold,
    missing: properties.TreatMissingData,
  };
}

type Figures = Pick<MetricAlarm, 'figures' | 'watched' | 'period'>;

function ofMetric(properties: MetricAlarmProperties): Figures {
  const { Namespace: namespace, MetricName: name, Period: period } = properties;
  const statistic = properties.Statistic ?? properties.ExtendedStatistic;
  if (namespace === undefined || name === undefined || period === undefined || statistic === undefined) {
    throw new AlarmError('an alarm needs Namespace, MetricName, Period and a statistic, or Metrics');
  }
  const metric = { namespace, name, dimensions: dimensionsOf(properties.Dimensions) };
  const figures = new Map<string, Figure>([
    ['m', { kind: 'metric', metric, statistic: statisticOf(statistic) }],
  ]);
  return { figures, watched: 'm', period };
}

function ofExpression(metrics: NonNullable<MetricAlarmProperties['Metrics']>): Figures {
  const figures = new Map<string, Figure>();
  const periods = new Set<number>();
  for (const { Id, Expression, MetricStat } of metrics) {
    if (MetricStat) {
      const { Metric, Stat, Period } = MetricStat;
      const { Namespace: namespace, MetricName: name } = Metric;
      const metric = { namespace, name, dimensions: dimensionsOf(Metric.Dimensions) };
      figures.set(Id, { kind: 'metric', metric, statistic: statisticOf(Stat) });
      periods.add(Period);
    } else if (Expression !== undefined) {
      figures.set(Id, { kind: 'expression', expression: parseExpression(Expression) });
    } else {
      throw new AlarmError(`the metric ${Id} has neither MetricStat nor Expression`);
    }
  }
  const [period, ...others] = periods;
  const [watched, ...more] = metrics.filter(({ ReturnData }) => ReturnData);
  if (period === undefined || others.length > 0)
    throw new AlarmError('its metrics must have the same period');
  if (!watched || more.length > 0) throw new AlarmError('exactly one of its metrics must return data');
  return { figures, watched: watched.Id, period };
}

function dimensionsOf(dimensions: readonly { Name: string; Value: string }[]): Record<string, string> {
  return Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value]));
}

function locating<T>({ where }: Typed<unknown>, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof AlarmError)) throw cause;
    throw new AssemblyError(`${where}: ${cause.message}`, { cause });
  }
}
