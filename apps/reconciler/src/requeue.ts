import { SystemFault } from '@data-aggregator/shared-processing/errors';
import type { EventLog } from '@data-aggregator/shared-processing/observability';
import {
  sendNotifications,
  type SendNotificationsDependencies,
} from '@data-aggregator/shared-processing/requeue';
import type { NotifiedObject } from '@data-aggregator/shared-processing/s3-event';

export interface RequeueDependencies extends SendNotificationsDependencies {
  log: EventLog;
}

/**
 * Requeues lost objects.
 *
 * @returns how many messages the queue accepted
 * @throws SystemFault if it accepted none
 */
export async function requeue(
  lost: readonly NotifiedObject[],
  dependencies: RequeueDependencies,
): Promise<number> {
  const { log } = dependencies;
  if (lost.length === 0) return 0;
  const requeued = (await sendNotifications(lost, dependencies)).filter(Boolean).length;
  if (requeued === 0) throw new SystemFault('the queue accepts no notifications');
  log.warn('objects.requeued', { objects: requeued, first: lost[0]?.key });
  for (const { key, version, landedAt } of lost) {
    log.debug('object.lost', { key, version, landedAt: new Date(landedAt).toISOString() });
  }
  return requeued;
}
