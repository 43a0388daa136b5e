import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { alarm, type Watch } from './alarm.ts';
import { reconciled, RECONCILING_SERVICE, replaysFailed } from './metrics.ts';

const HOUR = Duration.hours(1);
/** Runs that may be missing before somebody is told: a deployment, or a run that was skipped, is no fault. */
const MISSED_RUNS = 3;

/**
 * What the reconciler finds. It runs once an hour, so its figures stand for an hour: an alarm is over when the next run
 * finds nothing more.
 */
export function reconciliationAlarms(watch: Watch): void {
  alarm(watch, {
    id: 'files-lost',
    meaning: 'A file that landed more than three minutes ago is in no bundle, and was not put aside.',
    section: 'lost-files',
    tells: 'critical',
    metric: reconciled('Lost', Stats.SUM, HOUR),
    atLeast: 1,
  });
  alarm(watch, {
    id: 'files-undecided',
    meaning: 'The reconciler could not find out whether a file was delivered.',
    section: 'undecided-files',
    tells: 'warning',
    metric: reconciled('Undecided', Stats.SUM, HOUR),
    atLeast: 1,
  });
  if (!watch.functions.some(({ manifest }) => manifest.name === RECONCILING_SERVICE)) return;
  alarm(watch, {
    id: 'no-reconciliation',
    meaning: `Nobody has looked for lost files for ${MISSED_RUNS} hours.`,
    section: 'no-reconciliation',
    tells: 'warning',
    metric: reconciled('Examined', Stats.SAMPLE_COUNT, HOUR),
    below: 1,
    periods: MISSED_RUNS,
    missing: TreatMissingData.BREACHING,
  });
}

/** Bundles that were asked for again and are not delivered. */
export function replayAlarm(watch: Watch): void {
  alarm(watch, {
    id: 'replays-failed',
    meaning: 'A bundle that was to be delivered again was not.',
    section: 'failed-replays',
    tells: 'warning',
    metric: replaysFailed(),
    atLeast: 1,
  });
}
