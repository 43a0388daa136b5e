import { createPublications } from '@data-aggregator/shared-processing/ledger';
import { createQueueSender } from '@data-aggregator/shared-processing/sqs';
import { reconcileOnSchedule } from '../../../../apps/reconciler/src/reconcile.ts';
import { reachOf } from '../services/reach.ts';
import { BUCKETS, CLAIM_RETENTION_MS, RECHECK_MS, SLO_MS, TIMEOUT_MS } from '../settings.ts';
import { ignore, quietLog, quietMetrics, rulesOf, type Stage, startProcess } from './stage.ts';

/** Share of its time that an invocation reserves for the last page, as its handler does. */
const RESERVED_SHARE = 0.3;

/** Starts a scheduled run of the reconciler. */
export function startReconciler(stage: Stage, name: string): void {
  const { world, cloud } = stage;
  startProcess(stage, name, TIMEOUT_MS, async (actor, mutant) => {
    const clock = world.clockOf(actor);
    const rules = rulesOf(clock);
    const plain = reachOf(actor, world, cloud, cloud.queue);
    const { store, listing, table, sendToQueue } = mutant.reconciler?.(plain) ?? plain;
    const deadline = actor.deadline + actor.drift;
    await reconcileOnSchedule(
      { until: deadline - TIMEOUT_MS * RESERVED_SHARE, deadline },
      {
        ...rules,
        log: quietLog,
        metrics: quietMetrics,
        landingBucket: BUCKETS.landing,
        listing,
        table,
        publications: createPublications(store, BUCKETS, rules),
        queue: createQueueSender(sendToQueue, { ...rules, onError: ignore }),
        maxConcurrentReads: 4,
        maxConcurrentSends: 2,
        rules: { sloMs: SLO_MS, recheckMs: RECHECK_MS, claimRetentionMs: CLAIM_RETENTION_MS },
      },
    );
  });
}
