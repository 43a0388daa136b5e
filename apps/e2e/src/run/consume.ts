import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { manifestKey } from '@data-aggregator/shared-processing/manifest';
import { identityOf } from '@data-aggregator/shared-processing/s3-event';
import { type CheckedBundle, checkBundle } from '../check/bundle.ts';
import { findTar, type Tar } from '../check/extract.ts';
import { quarantinedObjects, type Quarantined } from '../pipeline/dead-letters.ts';
import { pull } from '../pipeline/pull.ts';
import type { Expected, Run } from './run.ts';

/** Everything that came out. */
export interface Consumed {
  bundles: (CheckedBundle & { publishedAt: number })[];
  /** By identity. */
  quarantined: ReadonlyMap<string, Quarantined>;
  /** Whether all ended in time. */
  inTime: boolean;
}

const LOOK_EVERY_MS = 250;

/**
 * Pulls, checks and deletes bundles as they appear, until nothing can come any more or time is over.
 *
 * @param before what was consumed by earlier calls of the same run
 * @throws the run's signal's reason
 */
export async function consume(run: Run, expected: readonly Expected[], before?: Consumed): Promise<Consumed> {
  const { scenario, target, signal, progress } = run;
  progress.phase('consuming');
  const tar = await findTar();
  const bundles = [...(before?.bundles ?? [])];
  const quarantined = new Map(before?.quarantined);
  const ended = new Set([
    ...bundles.flatMap(({ members }) => members.map(identityOf)),
    ...quarantined.keys(),
  ]);
  const mayQuarantine = target.inside !== undefined || expected.some((one) => one.quarantined !== undefined);

  async function look(): Promise<void> {
    for (const key of await target.consumer.list()) {
      signal.throwIfAborted();
      const bundle = await take(run, key, tar);
      bundles.push(bundle);
      for (const member of bundle.members) ended.add(identityOf(member));
      progress.update({ bundled: ended.size });
      progress.detail(`${key}: ${bundle.members.length} members, ${bundle.size} bytes`);
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
  let over: 'settled' | 'timed out' | undefined;
  const settling = target.settled(accounted, AbortSignal.any([signal, timeout])).then(
    () => (over = 'settled'),
    (error: unknown) => {
      if (!timeout.aborted || signal.aborted) throw error;
      return (over = 'timed out');
    },
  );
  // Awaited below; until then its failure is not unhandled.
  settling.catch(() => undefined);
  while (over === undefined) {
    await look();
    await Promise.race([settling, sleep(LOOK_EVERY_MS)]);
  }
  const how = await settling;
  await look();
  return { bundles, quarantined, inTime: how === 'settled' };
}

async function take(run: Run, key: string, tar: Tar): Promise<Consumed['bundles'][number]> {
  const { target, folder, prefix, scenario, signal } = run;
  const publishedAt = await target.publishedAt(key);
  const one = { ...target.consumer, list: () => Promise.resolve([key]) };
  const [pulled] = await pull(one, folder, { signal });
  if (!pulled) throw new Error(`${key} was not pulled`);
  const manifest = await target.archived(manifestKey(key));
  const checked = await checkBundle(pulled, manifest, { tar, scratch: join(folder, 'scratch') });
  // A run may have more bundles than there is room for.
  if (!scenario.keep_files) await rm(pulled.file);
  const members = checked.members.filter((member) => member.key.startsWith(prefix));
  return { ...checked, members, publishedAt };
}
