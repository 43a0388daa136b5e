import { setTimeout as sleep } from 'node:timers/promises';
import { identityOf } from '@data-aggregator/shared-processing/s3-event';
import { type Quarantined, quarantinedObjects } from '@data-aggregator/pipeline-client';
import type { TakenBundle } from './consumer.ts';
import type { Expected, Run } from './run.ts';

/** Everything received so far. */
export interface Consumed {
  bundles: TakenBundle[];
  /** By identity. */
  quarantined: ReadonlyMap<string, Quarantined>;
  /** Whether processing ended within the time limit. */
  inTime: boolean;
}

const POLL_MS = 250;

/**
 * Takes and checks bundles as they appear, until no more can arrive or time is up.
 *
 * @param before the result of an earlier call in the same run
 * @throws the run's signal's reason
 */
export async function consume(run: Run, expected: readonly Expected[], before?: Consumed): Promise<Consumed> {
  const { scenario, target, prefix, signal, progress } = run;
  progress.phase('consuming');
  const bundles = [...(before?.bundles ?? [])];
  const quarantined = new Map(before?.quarantined);
  const ended = new Set([
    ...bundles.flatMap(({ members }) => members.map(identityOf)),
    ...quarantined.keys(),
  ]);
  const mayQuarantine = target.inside !== undefined || expected.some((one) => one.quarantined !== undefined);

  async function look(): Promise<void> {
    for (const taken of await target.take(signal)) {
      const members = taken.members.filter((member) => member.key.startsWith(prefix));
      const bundle = { ...taken, members };
      bundles.push(bundle);
      for (const member of bundle.members) ended.add(identityOf(member));
      progress.update({ bundled: ended.size });
      progress.detail(`${bundle.key}: ${bundle.members.length} members, ${bundle.size} bytes`);
    }
    if (!mayQuarantine) return;
    for (const [id, why] of quarantinedObjects(await target.deadMessages())) {
      quarantined.set(id, why);
      ended.add(id);
      progress.detail(`quarantined: ${id}: ${why.reason}`);
    }
  }

  const timeout = AbortSignal.timeout(scenario.timeout_seconds * 1000);
  const accounted = () => expected.every(({ object }) => ended.has(identityOf(object)));
  let over: 'processed' | 'timed out' | undefined;
  const processing = target.processed(accounted, AbortSignal.any([signal, timeout])).then(
    () => (over = 'processed'),
    (error: unknown) => {
      if (!timeout.aborted || signal.aborted) throw error;
      return (over = 'timed out');
    },
  );
  // Awaited below; until then, its failure must not count as unhandled.
  processing.catch(() => undefined);
  while (over === undefined) {
    await look();
    await Promise.race([processing, sleep(POLL_MS)]);
  }
  const how = await processing;
  await look();
  return { bundles, quarantined, inTime: how === 'processed' };
}
