import { evaluate, valuesOf } from './evaluate.ts';
import { parseExpression, type Value } from './expression.ts';
import { createMetricStore } from './metric-store.ts';
import type { AlarmState, Comparison, MetricAlarm, MissingData } from './model.ts';
import { statisticOf } from './statistics.ts';

const _ = undefined;

describe('an alarm', () => {
  it.each<[Comparison, number, Value[], number, MissingData, AlarmState]>([
    ['GreaterThanOrEqualToThreshold', 5, [5], 1, 'notBreaching', 'ALARM'],
    ['GreaterThanOrEqualToThreshold', 5, [4.9], 1, 'notBreaching', 'OK'],
    ['GreaterThanThreshold', 5, [5], 1, 'notBreaching', 'OK'],
    ['GreaterThanThreshold', 5, [6], 1, 'notBreaching', 'ALARM'],
    ['LessThanThreshold', 5, [5], 1, 'notBreaching', 'OK'],
    ['LessThanThreshold', 5, [4], 1, 'notBreaching', 'ALARM'],
    ['LessThanOrEqualToThreshold', 5, [5], 1, 'notBreaching', 'ALARM'],
    ['GreaterThanOrEqualToThreshold', 5, [9, 1], 2, 'notBreaching', 'OK'],
    ['GreaterThanOrEqualToThreshold', 5, [9, 9], 2, 'notBreaching', 'ALARM'],
    ['GreaterThanOrEqualToThreshold', 5, [9, 1, 9], 2, 'notBreaching', 'ALARM'],
    ['GreaterThanOrEqualToThreshold', 5, [9, _], 2, 'notBreaching', 'OK'],
    ['GreaterThanOrEqualToThreshold', 5, [9, _], 2, 'breaching', 'ALARM'],
    ['LessThanThreshold', 1, [_, _], 2, 'breaching', 'ALARM'],
    ['LessThanThreshold', 1, [_, _], 2, 'notBreaching', 'OK'],
    ['LessThanThreshold', 1, [_, _], 2, 'missing', 'INSUFFICIENT_DATA'],
    ['LessThanThreshold', 1, [_, _], 2, 'ignore', 'ALARM'],
    ['LessThanThreshold', 1, [3, _], 1, 'missing', 'OK'],
    ['LessThanThreshold', 1, [0, _], 1, 'missing', 'ALARM'],
  ])(
    '%s %d, values %j, %d datapoints to alarm, missing data %s: %s',
    (comparison, threshold, values, datapoints, missing, state) => {
      const alarm = { comparison, threshold, datapoints, missing, period: 60 };
      expect(evaluate(alarm, values, 'ALARM').state).toBe(state);
    },
  );

  it('states the reason', () => {
    const alarm = {
      comparison: 'GreaterThanOrEqualToThreshold',
      threshold: 5,
      datapoints: 1,
      missing: 'notBreaching',
      period: 300,
    } as const;
    expect(evaluate(alarm, [7.12345, _], 'OK').reason).toBe(
      '1 of 2 periods of 300 s must be >= 5; newest first: 7.123, no data',
    );
  });
});

describe('the values of an alarm', () => {
  const metric = (name: string) => ({ namespace: 'N', name, dimensions: { d: 'x' } });
  const store = createMetricStore(3_600_000);
  const [period, now] = [60, 1_000_000];
  const add = (name: string, secondsAgo: number, value: number) =>
    store.add({ metric: metric(name), value }, now - secondsAgo * 1000);
  add('late', 0, 1);
  add('bundled', 59, 4);
  add('late', 60, 2);
  add('bundled', 100, 4);
  add('bundled', 130, 9);
  const figures: MetricAlarm['figures'] = new Map([
    ['late', { kind: 'metric', metric: metric('late'), statistic: statisticOf('Sum') }],
    ['bundled', { kind: 'metric', metric: metric('bundled'), statistic: statisticOf('Sum') }],
    ['within', { kind: 'expression', expression: parseExpression('100 * (1 - late / bundled)') }],
    ['itself', { kind: 'expression', expression: parseExpression('1 + itself') }],
    ['nothing', { kind: 'expression', expression: parseExpression('other') }],
  ]);
  const alarm = (watched: string, periods: number) =>
    ({ name: 'a', figures, watched, period, periods }) as MetricAlarm;

  it('come from the latest periods, newest first', () => {
    expect(valuesOf(alarm('bundled', 4), store, now)).toEqual([4, 4, 9, _]);
    expect(valuesOf(alarm('within', 4), store, now)).toEqual([75, 50, _, _]);
  });

  it('come only from the metric with the same dimensions', () => {
    store.add({ metric: { ...metric('late'), dimensions: { d: 'other' } }, value: 50 }, now);
    expect(valuesOf(alarm('late', 1), store, now)).toEqual([1]);
  });

  it.each([
    ['itself', 'alarm a: itself depends on itself'],
    ['nothing', 'alarm a: there is no metric other'],
  ])('of %s throw an AlarmError', (watched, message) => {
    expect(() => valuesOf(alarm(watched, 1), store, now)).toThrow(
      expect.objectContaining({ name: 'AlarmError', message }),
    );
  });
});
