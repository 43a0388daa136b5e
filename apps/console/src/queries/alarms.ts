import {
  type CompositeAlarm,
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandOutput,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { Alarm, AlarmCounts, AlarmList, NextStep } from '../api.ts';
import type { Environment } from './environment.ts';
import type { Runbook } from './runbook.ts';

const STATES = { ALARM: 'alarm', OK: 'ok', INSUFFICIENT_DATA: 'insufficientData' } as const;
const ORDER = ['ALARM', 'INSUFFICIENT_DATA', 'OK'];

/** The environment's alarms: those in ALARM first, then by name. */
export async function readAlarms(
  { cloudwatch, name, clock }: Pick<Environment, 'cloudwatch' | 'name' | 'clock'>,
  runbook: Runbook,
): Promise<AlarmList> {
  const prefix = `data-aggregator-${name}-`;
  const alarms: Alarm[] = [];
  let NextToken: string | undefined;
  do {
    const page: DescribeAlarmsCommandOutput = await cloudwatch.send(
      new DescribeAlarmsCommand({
        AlarmNamePrefix: prefix,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: 100,
        ...(NextToken !== undefined && { NextToken }),
      }),
    );
    const { MetricAlarms = [], CompositeAlarms = [] } = page;
    alarms.push(
      ...MetricAlarms.map((one) => alarmOf(one, 'metric', prefix, runbook)),
      ...CompositeAlarms.map((one) => alarmOf(one, 'composite', prefix, runbook)),
    );
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  alarms.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name));
  const counts: AlarmCounts = { alarm: 0, ok: 0, insufficientData: 0 };
  for (const { state } of alarms) counts[STATES[state]]++;
  return { readAt: clock.now(), counts, alarms };
}

function alarmOf(
  alarm: MetricAlarm | CompositeAlarm,
  kind: Alarm['kind'],
  prefix: string,
  runbook: Runbook,
): Alarm {
  const { AlarmName = '', AlarmDescription = '', StateValue, StateReason = '' } = alarm;
  const [, meaning = AlarmDescription, section] =
    /^(.*?)\s*What to do: docs\/runbook\.md#([a-z-]+)$/s.exec(AlarmDescription) ?? [];
  const id = AlarmName.startsWith(prefix) ? AlarmName.slice(prefix.length) : AlarmName;
  const found = section === undefined ? undefined : runbook(section);
  const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  return {
    name: AlarmName,
    id,
    kind,
    state: StateValue ?? 'INSUFFICIENT_DATA',
    reason: StateReason,
    since: since?.getTime() ?? 0,
    meaning,
    ...(found && { runbook: found }),
    next: nextOf(id, section),
  };
}

/** The views that show the cause of an alarm, by the section of the runbook. */
function nextOf(id: string, section: string | undefined): NextStep[] {
  const fn = /^(.+)-(errors|throttles|slow|old-messages|dead-letters)$/.exec(id)?.[1] ?? 'aggregator';
  const logs = (label: string, pattern: string): NextStep => ({
    label,
    view: 'functions',
    query: { function: fn, pattern },
  });
  const flow: NextStep = { label: 'Where files are held up', view: 'flow' };
  switch (section) {
    case 'outage':
    case 'function-errors':
      return [logs(`Errors in the log of ${fn}`, 'ERROR'), flow];
    case 'old-messages':
    case 'files-are-late':
      return [logs('Retries in the log', 'member.retried'), flow];
    case 'dead-letters':
    case 'quarantine':
      return [{ label: 'The cases in quarantine', view: 'quarantine' }];
    case 'function-throttles':
    case 'function-slow':
    case 'function-memory':
      return [{ label: 'Duration and memory', view: 'functions', query: { function: fn } }];
    case 'backlog':
    case 'ready-queue':
      return [{ label: 'The bundles that wait', view: 'bundles', query: { state: 'waiting' } }];
    case 'lost-files':
    case 'undecided-files':
    case 'no-reconciliation':
      return [{ label: 'The log of the reconciler', view: 'functions', query: { function: 'reconciler' } }];
    case 'failed-replays':
      return [{ label: 'The log of the replayer', view: 'functions', query: { function: 'replayer' } }];
    case 'spending':
      return [{ label: 'The bill by line', view: 'cost' }];
    default:
      return [flow];
  }
}
