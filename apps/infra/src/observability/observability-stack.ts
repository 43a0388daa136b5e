import type { Context } from '../app/component.ts';
import { isQueueFunction } from '../app/functions.ts';
import type { Watch } from './alarm.ts';
import { dashboard } from './dashboard.ts';
import { objectiveAlarms, objectives, outageAlarm } from './delivery-alarms.ts';
import {
  backlogAlarms,
  degradedReadsAlarm,
  inflowAlarms,
  quarantineAlarm,
  replicationAlarms,
} from './flow-alarms.ts';
import { functionAlarms } from './function-alarms.ts';
import { DELIVERING_SERVICE } from './metrics.ts';
import { queueAlarms, readyQueueAlarms } from './queue-alarms.ts';
import { reconciliationAlarms, replayAlarm } from './recovery-alarms.ts';
import { spending } from './spending.ts';
import { topics } from './topics.ts';

/** Alarms with links to the runbook, a dashboard, and limits on spending. */
export function observability(context: Context): void {
  const watch: Watch = { ...context, topics: topics(context) };
  for (const fn of context.functions) {
    functionAlarms(watch, fn);
    if (!isQueueFunction(fn)) continue;
    const { oldMessages } = queueAlarms(watch, fn);
    if (fn.manifest.trigger.type !== 's3-sqs' || fn.manifest.trigger.bucket !== 'landing') continue;
    inflowAlarms(watch, fn);
    if (fn.manifest.name === DELIVERING_SERVICE) outageAlarm(watch, oldMessages);
  }
  quarantineAlarm(watch);
  degradedReadsAlarm(watch);
  reconciliationAlarms(watch);
  backlogAlarms(watch);
  readyQueueAlarms(watch);
  replicationAlarms(watch);
  replayAlarm(watch);
  for (const objective of objectives) objectiveAlarms(watch, objective);
  dashboard(context);
  // After the dashboard, which must not show an alarm that exists in one region only.
  spending(watch);
}
