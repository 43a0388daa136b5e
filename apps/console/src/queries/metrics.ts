import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';

/** One metric with a statistic. */
export interface MetricQuery {
  /** Begins with a lower-case letter. */
  id: string;
  namespace: string;
  name: string;
  dimensions: Readonly<Record<string, string>>;
  stat: 'Sum' | 'Average' | 'Maximum' | 'p95';
}

/** Values by the start of their period, ms since the epoch. */
export type MetricValues = ReadonlyMap<number, number>;

export interface MetricRange {
  from: number;
  to: number;
  periodSeconds: number;
}

/** Queries of one call. CloudWatch accepts 500, and charges for each. */
const MAX_QUERIES = 500;

/** Reads metrics. CloudWatch charges for each metric that is asked for. @returns values by the id of the query */
export async function readMetrics(
  queries: readonly MetricQuery[],
  { from, to, periodSeconds }: MetricRange,
  client: CloudWatchClient,
): Promise<Map<string, MetricValues>> {
  if (queries.length > MAX_QUERIES) throw new RangeError(`at most ${MAX_QUERIES} metrics at a time`);
  const values = new Map<string, Map<number, number>>(queries.map(({ id }) => [id, new Map()]));
  let NextToken: string | undefined;
  do {
    const answer = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(from),
        EndTime: new Date(to),
        ScanBy: 'TimestampAscending',
        ...(NextToken !== undefined && { NextToken }),
        MetricDataQueries: queries.map(({ id, namespace, name, dimensions, stat }) => ({
          Id: id,
          MetricStat: {
            Metric: {
              Namespace: namespace,
              MetricName: name,
              Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
            },
            Period: periodSeconds,
            Stat: stat,
          },
        })),
      }),
    );
    for (const { Id = '', Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
      for (const [index, time] of Timestamps.entries())
        values.get(Id)?.set(time.getTime(), Values[index] ?? 0);
    }
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return values;
}

export function queueMetric(id: string, queue: string, name: string, stat: MetricQuery['stat']): MetricQuery {
  return { id, namespace: 'AWS/SQS', name, dimensions: { QueueName: queue }, stat };
}

export function lambdaMetric(id: string, fn: string, name: string, stat: MetricQuery['stat']): MetricQuery {
  return { id, namespace: 'AWS/Lambda', name, dimensions: { FunctionName: fn }, stat };
}

/** A metric that a function writes into its log. */
export function ownMetric(id: string, service: string, name: string, stat: MetricQuery['stat']): MetricQuery {
  return { id, namespace: 'DataAggregator', name, dimensions: { service }, stat };
}

/** @param from only periods that start at this time or later, ms since the epoch */
export function sumOf(values: MetricValues | undefined, from = 0): number {
  return [...(values?.entries() ?? [])].reduce(
    (sum, [start, value]) => (start >= from ? sum + value : sum),
    0,
  );
}

/** The newest value; undefined if there is none. */
export function newestOf(values: MetricValues | undefined): number | undefined {
  const newest = [...(values?.entries() ?? [])].reduce<[number, number] | undefined>(
    (found, entry) => (found && found[0] > entry[0] ? found : entry),
    undefined,
  );
  return newest?.[1];
}
