import { AlarmError } from './alarm-error.ts';
import type { AlarmState, Comparison, MetricAlarm } from './model.ts';
import type { Value } from './expression.ts';
import type { MetricStore } from './metric-store.ts';

export interface Evaluation {
  readonly state: AlarmState;
  /** One sentence. */
  readonly reason: string;
}

const compare: Readonly<Record<Comparison, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/**
 * The value of the watched figure in each of the latest periods, newest first. The newest period ends now, whereas
 * CloudWatch's periods end on full minutes.
 *
 * @param now milliseconds since 1970
 * @throws AlarmError for a reference to a missing metric, or a circular one
 */
export function valuesOf(
  { figures, watched, period, periods, name }: MetricAlarm,
  store: Pick<MetricStore, 'values'>,
  now: number,
): Value[] {
  return Array.from({ length: periods }, (_, index) => {
    const to = now - index * period * 1000;
    const valueOf = (id: string, asking: readonly string[]): Value => {
      const figure = figures.get(id);
      if (!figure) throw new AlarmError(`alarm ${name}: there is no metric ${id}`);
      if (asking.includes(id)) throw new AlarmError(`alarm ${name}: ${id} depends on itself`);
      if (figure.kind === 'expression') return figure.expression((other) => valueOf(other, [...asking, id]));
      const values = store.values(figure.metric, to - period * 1000, to);
      return values.length === 0 ? undefined : figure.statistic(values);
    };
    return valueOf(watched, []);
  });
}

/**
 * Computes the state of an alarm from its values.
 *
 * @param values newest first; undefined means no data
 * @param previous the previous state, which is kept if missing data is ignored
 */
export function evaluate(
  alarm: Pick<MetricAlarm, 'comparison' | 'threshold' | 'datapoints' | 'missing' | 'period'>,
  values: readonly Value[],
  previous: AlarmState,
): Evaluation {
  const { comparison, threshold, datapoints, missing, period } = alarm;
  const told = `${datapoints} of ${values.length} periods of ${period} s must be ${sign[comparison]} ${threshold}`;
  const shown = values
    .map((value) => (value === undefined ? 'no data' : Number(value.toFixed(3))))
    .join(', ');
  const reason = `${told}; newest first: ${shown}`;
  if (values.every((value) => value === undefined)) {
    if (missing === 'missing') return { state: 'INSUFFICIENT_DATA', reason };
    if (missing === 'ignore') return { state: previous, reason };
  }
  const breaching = values.filter((value) =>
    value === undefined ? missing === 'breaching' : compare[comparison](value, threshold),
  ).length;
  return { state: breaching >= datapoints ? 'ALARM' : 'OK', reason };
}

const sign: Readonly<Record<Comparison, string>> = {
  GreaterThanOrEqualToThreshold: '>=',
  GreaterThanThreshold: '>',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '<=',
};
