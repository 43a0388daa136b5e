import * as v from 'valibot';
import { AlarmError } from '../alarms/alarm-error.ts';
import type { MetricId } from '../alarms/model.ts';
import type { Point } from '../alarms/metric-store.ts';
import { type Statistic, statisticOf } from '../alarms/statistics.ts';
import { ApiError, operation, wholeNumber, type Api } from './api.ts';

/** Seconds since 1970 over JSON, the same with a tag over CBOR, ISO 8601 over the query protocol. @returns ms since 1970 */
const time = v.pipe(
  v.union([
    v.pipe(
      v.number(),
      v.transform((seconds) => seconds * 1000),
    ),
    v.pipe(
      v.object({ tag: v.literal(1), value: v.number() }),
      v.transform(({ value }) => value * 1000),
    ),
    v.pipe(v.string(), v.transform(Date.parse)),
  ]),
  v.finite('is not a time'),
);

const query = v.strictObject({
  Id: v.pipe(v.string(), v.regex(/^[a-z]\w*$/, 'must begin with a lower-case letter')),
  Label: v.optional(v.string()),
  ReturnData: v.optional(v.unknown()),
  MetricStat: v.strictObject({
    Metric: v.strictObject({
      Namespace: v.string(),
      MetricName: v.string(),
      Dimensions: v.optional(v.array(v.strictObject({ Name: v.string(), Value: v.string() })), []),
    }),
    /** AWS has a minimum of 60 for most metrics. */
    Period: wholeNumber(1, 86_400),
    Stat: v.string(),
    Unit: v.optional(v.string()),
  }),
});
type Query = v.InferOutput<typeof query>;

const asked = v.strictObject({
  MetricDataQueries: v.pipe(v.array(query), v.minLength(1), v.maxLength(500)),
  StartTime: time,
  EndTime: time,
  ScanBy: v.optional(v.picklist(['TimestampAscending', 'TimestampDescending']), 'TimestampDescending'),
  MaxDatapoints: v.optional(wholeNumber(1, 100_800)),
});

/** The values of a metric after one time and up to another, in ms since 1970. */
export type PointsOf = (metric: MetricId, from: number, to: number) => readonly Point[];

/**
 * CloudWatch's GetMetricData, without metric math and in one page. Periods are aligned to their length, as on AWS.
 *
 * @param look called once for each call
 */
export function metricsApi(look: () => PointsOf): Api {
  return {
    GetMetricData: operation(
      asked,
      { action: 'cloudwatch:GetMetricData', invalid: 'InvalidParameterValue' },
      ({ MetricDataQueries, StartTime, EndTime, ScanBy }) => {
        const pointsOf = look();
        const results = MetricDataQueries.map((one) => {
          const { Period, Stat, Metric } = one.MetricStat;
          const periods = byPeriod(pointsOf(metricOf(Metric), StartTime - 1, EndTime), Period * 1000);
          const ordered = [...periods].sort(([a], [b]) => (ScanBy === 'TimestampAscending' ? a - b : b - a));
          const statistic = statisticNamed(Stat);
          return {
            Id: one.Id,
            Label: one.Label ?? Metric.MetricName,
            Timestamps: ordered.map(([start]) => new Date(start)),
            Values: ordered.map(([, values]) => statistic(values)),
            StatusCode: 'Complete',
          };
        });
        return { MetricDataResults: results, Messages: [] };
      },
    ),
  };
}

function metricOf({ Namespace, MetricName, Dimensions }: Query['MetricStat']['Metric']): MetricId {
  return {
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
  };
}

/** Values by the start of their period. */
function byPeriod(points: readonly Point[], periodMs: number): Map<number, number[]> {
  const periods = new Map<number, number[]>();
  for (const { time: at, value } of points) {
    const start = Math.floor(at / periodMs) * periodMs;
    const values = periods.get(start);
    if (values) values.push(value);
    else periods.set(start, [value]);
  }
  return periods;
}

function statisticNamed(name: string): Statistic {
  try {
    return statisticOf(name);
  } catch (error) {
    if (error instanceof AlarmError) throw new ApiError('InvalidParameterValue', error.message);
    throw error;
  }
}
