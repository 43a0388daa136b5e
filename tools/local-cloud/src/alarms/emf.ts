import * as v from 'valibot';
import type { MetricId } from './model.ts';

/** One value of a metric. */
export interface Measurement {
  readonly metric: MetricId;
  readonly value: number;
}

const document = v.looseObject({
  _aws: v.object({
    CloudWatchMetrics: v.array(
      v.object({
        Namespace: v.string(),
        Dimensions: v.array(v.array(v.string())),
        Metrics: v.array(v.object({ Name: v.string() })),
      }),
    ),
  }),
});

const numbers = v.union([v.pipe(v.number(), v.finite()), v.array(v.pipe(v.number(), v.finite()))]);

/**
 * Extracts measurements from a log line in CloudWatch's embedded metric format. Other lines have none.
 *
 * @param line the line's JSON
 */
export function measurementsOf(line: unknown): Measurement[] {
  const parsed = v.safeParse(document, line);
  if (!parsed.success) return [];
  const { _aws, ...fields } = parsed.output;
  return _aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    // A metric without dimensions has either no dimension set or one empty set.
    (Dimensions.length === 0 ? [[]] : Dimensions).flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(fields[name])]));
      return Metrics.flatMap(({ Name: name }) => {
        const values = v.safeParse(numbers, fields[name]);
        if (!values.success) return [];
        return [values.output].flat().map((value) => ({ metric: { namespace, name, dimensions }, value }));
      });
    }),
  );
}
