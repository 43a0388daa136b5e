import type { Expression } from './expression.ts';
import type { FilterPattern } from './filter-pattern.ts';
import type { AlarmState, Rule } from './rule.ts';

export type { AlarmState };
import type { Statistic } from './statistics.ts';

/** How a period without data is treated. */
export type MissingData = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

export type Comparison =
  | 'GreaterThanOrEqualToThreshold'
  | 'GreaterThanThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

/** One metric: its name and where it comes from. */
export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Something an alarm computes for each period. */
export type Figure =
  | { readonly kind: 'metric'; readonly metric: MetricId; readonly statistic: Statistic }
  | { readonly kind: 'expression'; readonly expression: Expression };

export interface MetricAlarm {
  readonly kind: 'metric';
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  /** By id. */
  readonly figures: ReadonlyMap<string, Figure>;
  /** Id of the figure compared with the threshold. */
  readonly watched: string;
  /** Seconds. */
  readonly period: number;
  /** Number of periods to look at, and how many of them must breach. */
  readonly periods: number;
  readonly datapoints: number;
  readonly comparison: Comparison;
  readonly threshold: number;
  readonly missing: MissingData;
}

export interface CompositeAlarm {
  readonly kind: 'composite';
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly rule: Rule;
  /** The rule's source text. */
  readonly ruleText: string;
}

export type AlarmModel = MetricAlarm | CompositeAlarm;

/** Turns log lines into a metric. */
export interface MetricFilterModel {
  readonly logGroup: string;
  readonly pattern: FilterPattern;
  readonly metric: MetricId;
  /** A constant, or the path of the number in the line: `$.record.metrics.maxMemoryUsedMB`. */
  readonly value: number | readonly string[];
}
