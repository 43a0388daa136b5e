import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { constructId, physicalName } from '../conventions/names.ts';
import type { Context } from '../app/component.ts';
import { tagResource } from '../conventions/tags.ts';
import { described, type RunbookSection } from './runbook.ts';
import type { Severity, Topics } from './topics.ts';

/** The input of every alarm. */
export interface Watch extends Context {
  topics: Topics;
}

interface What {
  /** Unique in the environment, such as `aggregator-errors`. */
  id: string;
  /** What happened and what it means, for an engineer who was just woken. */
  meaning: string;
  section: RunbookSection;
  /** The topic it notifies. */
  notifies: Severity;
}

interface Threshold extends What {
  metric: IMetric;
  /** In ALARM at this value and above. */
  atLeast?: number;
  /** In ALARM below this value. */
  below?: number;
  /** Number of latest periods to look at; default 1. */
  periods?: number;
  /** How many of these must breach; default all. */
  breaching?: number;
  /** How a period without data counts; by default as not breaching. */
  missing?: TreatMissingData;
}

/** An alarm on one metric. */
export function alarm(watch: Watch, what: Threshold): Alarm {
  const below = what.below !== undefined;
  const made = new Alarm(watch.scope, constructId(what.id), {
    alarmName: physicalName(watch.environment.name, what.id),
    alarmDescription: described(what.meaning, what.section),
    metric: what.metric,
    threshold: what.below ?? what.atLeast ?? 1,
    comparisonOperator: below
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: what.periods ?? 1,
    ...(what.breaching !== undefined && { datapointsToAlarm: what.breaching }),
    treatMissingData: what.missing ?? TreatMissingData.NOT_BREACHING,
  });
  notify(watch, made, what.notifies);
  return tagResource(made, `alarm.${what.id}`);
}

/** Notifies when the alarm starts and when it ends. */
function notify({ topics }: Watch, alarmed: Alarm, severity: Severity): void {
  const action = { bind: () => ({ alarmActionArn: topics[severity].ref }) };
  alarmed.addAlarmAction(action);
  alarmed.addOkAction(action);
}
