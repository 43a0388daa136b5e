import { countBacklog } from '@data-aggregator/shared-processing/backlog';
import { measureDiskTimes, receiptRange } from '../../../../apps/distribution-monitor/src/disk-times.ts';
import { reachOf } from '../services/reach.ts';
import { BUCKETS, TIMEOUT_MS } from '../settings.ts';
import { quietLog, rulesOf, type Stage, startProcess } from './stage.ts';

/** What a run of the monitor has measured. */
export interface Measured {
  /** Bundles that wait for the consumer. */
  waiting: number;
  /** Receipts of the last minutes that cannot be read. */
  unreadable: number;
}

/** Starts a run of the distribution monitor. */
export function startMonitor(stage: Stage, name: string, onMeasured: (measured: Measured) => void): void {
  const { world, cloud } = stage;
  startProcess(stage, name, TIMEOUT_MS, async (actor) => {
    const { listing, store } = reachOf(actor, world, cloud, cloud.queue);
    const clock = world.clockOf(actor);
    const dependencies = { ...rulesOf(clock), listing, store, archive: BUCKETS.archive, log: quietLog };
    const deadline = actor.deadline + actor.drift;
    const backlog = await countBacklog(BUCKETS.distribution, deadline, dependencies);
    const range = receiptRange(clock.now(), undefined);
    const times = await measureDiskTimes(range, deadline, dependencies);
    onMeasured({ waiting: backlog.bundles, unreadable: times.unreadable });
  });
}
