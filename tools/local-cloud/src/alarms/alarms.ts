import type { CloudModel } from '../assembly/model.ts';
import type { LogLine } from '../lambda/log-store.ts';
import type { Sqs } from '../services/sqs.ts';
import { AlarmError } from './alarm-error.ts';
import type { AlarmModel, AlarmState } from './model.ts';
import { evaluate, type Evaluation, valuesOf } from './evaluate.ts';
import { functionMetrics } from './function-metrics.ts';
import { createMetricStore, createMetricTime, type MetricStore } from './metric-store.ts';
import { countingMessages, queueMetrics } from './queue-metrics.ts';

/** Current state of an alarm from the templates. */
export interface AlarmReport {
  readonly name: string;
  readonly state: AlarmState;
  /** One sentence. */
  readonly reason: string;
  /** When the alarm was first seen in this state; milliseconds since 1970, in metric time. */
  readonly since: number;
}

/** Collects metrics and evaluates the templates' alarms. */
export interface Alarms {
  readonly onLog: (line: LogLine) => void;
  /** Wraps the queues so that messages sent to them are counted. */
  readonly measured: (sqs: Sqs) => Sqs;
  readonly report: () => Promise<AlarmReport[]>;
  readonly passTime: (seconds: number) => Promise<void>;
  /** Measures the queues, as SQS does every minute. */
  readonly measureQueues: () => void;
  /** The values of a metric after one time and up to another, ms since 1970. */
  readonly points: MetricStore['points'];
}

/** SQS publishes queue metrics once a minute. */
export const QUEUE_MEASURED_MS = 60_000;
/** How long the values of metrics are kept at least: long enough for charts of the last hour. */
const MIN_KEPT_MS = 65 * 60_000;

export function createAlarms({ alarms, metricFilters, functions }: CloudModel): Alarms {
  const time = createMetricTime(Date.now);
  const store = createMetricStore(Math.max(MIN_KEPT_MS, ...alarms.map(lookedAtMs)));
  const measurementsOf = functionMetrics(functions, metricFilters);
  const states = new Map<string, Pick<AlarmReport, 'state' | 'since'>>();
  let queues: Sqs | undefined;

  function measureQueues(): void {
    if (!queues) return;
    const measured = queueMetrics(queues, (since) => time.now() - time.at(since));
    for (const measurement of measured) store.add(measurement, time.now());
  }

  function reportOf(alarm: AlarmModel, evaluated: ReadonlyMap<string, AlarmReport>): AlarmReport {
    const { name } = alarm;
    const before = states.get(name);
    const evaluation = evaluationOf(alarm, evaluated);
    return { name, ...evaluation, since: before?.state === evaluation.state ? before.since : time.now() };
  }

  function evaluationOf(alarm: AlarmModel, evaluated: ReadonlyMap<string, AlarmReport>): Evaluation {
    const { name } = alarm;
    if (alarm.kind === 'metric') {
      const values = valuesOf(alarm, store, time.now());
      return evaluate(alarm, values, states.get(name)?.state ?? 'INSUFFICIENT_DATA');
    }
    const asked: string[] = [];
    const on = alarm.rule((other) => {
      const found = evaluated.get(other);
      if (!found) throw new AlarmError(`alarm ${name}: no template defines ${other}`);
      asked.push(`${found.name} is ${found.state}`);
      return found.state;
    });
    return { state: on ? 'ALARM' : 'OK', reason: asked.join(', ') };
  }

  return {
    measureQueues,
    points: store.points,
    onLog: (line) => {
      for (const measurement of measurementsOf(line)) store.add(measurement, time.now());
    },
    measured: (sqs) => {
      queues = sqs;
      return countingMessages(sqs, (measurement) => store.add(measurement, time.now()));
    },
    report: async () => {
      measureQueues();
      const evaluated = new Map<string, AlarmReport>();
      for (const alarm of inOrder(alarms)) {
        const report = reportOf(alarm, evaluated);
        states.set(report.name, report);
        evaluated.set(alarm.name, report).set(alarm.arn, report);
      }
      return alarms.flatMap(({ name }) => evaluated.get(name) ?? []);
    },
    passTime: async (seconds) => {
      measureQueues();
      for (let left = seconds * 1000; left > 0; left -= QUEUE_MEASURED_MS) {
        time.pass(Math.min(left, QUEUE_MEASURED_MS));
        measureQueues();
      }
    },
  };
}

/**
 * Metric alarms first, because composite alarms depend on them. A composite alarm may also depend on earlier composite
 * alarms.
 */
function inOrder(alarms: readonly AlarmModel[]): AlarmModel[] {
  return [...alarms].sort((a, b) => Number(a.kind === 'composite') - Number(b.kind === 'composite'));
}

function lookedAtMs(alarm: AlarmModel): number {
  return alarm.kind === 'metric' ? alarm.period * alarm.periods * 1000 : 0;
}
