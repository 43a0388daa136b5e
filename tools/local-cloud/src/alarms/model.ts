import type { Expression } from './expression.ts';
import type { FilterPattern } from './filter-pattern.ts';
import type { Rule } from './rule.ts';
import type { Statistic } from './statistics.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** What a period without data means. */
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

/** A figure of an alarm, for a period. */
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
  /** The id of the one that is compared. */
  readonly watched: string;
  /** Seconds. */
  readonly period: number;
  /** How many of the latest periods are looked at, and how many of them must breach. */
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
  /** The rule as the template has it. */
  readonly ruleText: string;
}

export type AlarmModel = MetricAlarm | CompositeAlarm;

/** Makes a metric of log lines. */
export interface MetricFilterModel {
  readonly logGroup: string;
  readonly pattern: FilterPattern;
  readonly metric: MetricId;
  /** A number, or where in the line it is: `$.record.metrics.maxMemoryUsedMB`. */
  readonly value: number | readonly string[];
}

/** An alarm, a metric filter or a part of one that the local cloud does not know, or that makes no sense. */
export class AlarmError extends Error {
  override readonly name = 'AlarmError';
}
