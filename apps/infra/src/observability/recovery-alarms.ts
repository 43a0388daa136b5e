import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { alarm, type Watch } from './alarm.ts';
import { lambdaMetric, reconciled, RECONCILING_SERVICE, replaysFailed } from './metrics.ts';

const HOUR = Duration.hours(1);
/** Missing runs before the alarm fires: a deployment or a skipped run is no fault. */
const MISSED_RUNS = 3;

/**
 * Alarms on what the reconciler finds. It runs once an hour, so a period is an hour: an alarm ends when the next run finds
 * nothing more.
 */
export function reconciliationAlarms(watch: Watch): void {
  alarm(watch, {
    id: 'files-lost',
    meaning:
      'Files were lost on their way: they landed more than three minutes ago and are neither bundled, claimed nor quarantined. The reconciler has requeued them.',
    section: 'lost-files',
    notifies: 'critical',
    metric: reconciled('Lost', Stats.SUM, HOUR),
    atLeast: 1,
  });
  alarm(watch, {
    id: 'files-undecided',
    meaning:
      'The reconciler could not determine whether a file was delivered, because a bundle or manifest was unreadable. It tries again after six hours.',
    section: 'undecided-files',
    notifies: 'warning',
    metric: reconciled('Undecided', Stats.SUM, HOUR),
    atLeast: 1,
  });
  if (!watch.functions.some(({ manifest }) => manifest.name === RECONCILING_SERVICE)) return;
  alarm(watch, {
    id: 'no-reconciliation',
    meaning: `The reconciler has not run for ${MISSED_RUNS} hours, so a lost notification would go unnoticed.`,
    section: 'no-reconciliation',
    notifies: 'warning',
    // A run that fails has the alarm of every function.
    metric: lambdaMetric(watch, RECONCILING_SERVICE, 'Invocations', Stats.SUM, HOUR),
    below: 1,
    periods: MISSED_RUNS,
    missing: TreatMissingData.BREACHING,
  });
}

/** Alarm on bundles that could not be delivered again. */
export function replayAlarm(watch: Watch): void {
  alarm(watch, {
    id: 'replays-failed',
    meaning: 'A replay failed: a requested bundle could not be copied from the archive to distribution.',
    section: 'failed-replays',
    notifies: 'warning',
    metric: replaysFailed(),
    atLeast: 1,
  });
}
