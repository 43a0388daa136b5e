import { originalKey, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { claimId, type Item, objectIdOf, quarantineId } from '@data-aggregator/shared-processing/ledger';
import { manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import { INBOX, type Machine } from '../actors/consumer.ts';
import type { Cloud } from '../services/cloud.ts';
import { BUCKETS, DRIFT_MS } from '../settings.ts';
import type { ActionEvent } from '../trace.ts';
import type { LandedFile } from '../actors/uploader.ts';
import { hasReceipt } from './on-disk.ts';
import { entriesOf } from './read-tar.ts';
import type { Violation } from './violation.ts';

/** What was certain about an object version when a run of the reconciler began. */
interface Known {
  claim: Item | undefined;
  mark: Item | undefined;
  isDelivered: boolean;
  isDropped: boolean;
}

/** Checks rules while actions happen, which the end of a schedule may not show. */
export class Watch {
  violation: Violation | undefined;
  readonly #cloud: Cloud;
  readonly #machines: readonly Machine[];
  readonly #landed: readonly LandedFile[];
  readonly #runs = new Map<string, Map<string, Known>>();
  /** Object versions that the operator has dropped for good. */
  readonly #dropped = new Set<string>();

  constructor(cloud: Cloud, machines: readonly Machine[], landed: readonly LandedFile[]) {
    this.#cloud = cloud;
    this.#machines = machines;
    this.#landed = landed;
  }

  /** @param name of a run of the reconciler that starts now */
  reconcilerStarts(name: string): void {
    const { items } = this.#cloud.table;
    const known = this.#landed.map(({ objectId }): [string, Known] => [
      objectId,
      {
        claim: items.get(claimId(objectId)),
        mark: items.get(quarantineId(objectId)),
        isDelivered: this.#isDelivered(objectId),
        isDropped: this.#dropped.has(objectId),
      },
    ]);
    this.#runs.set(name, new Map(known));
  }

  onAction(event: ActionEvent): void {
    switch (event.kind) {
      case 'requeued':
        return this.#requeued(event);
      case 'dropped':
        for (const object of event.objects) this.#dropped.add(object);
        return;
      case 'quarantineUnmarked':
        // A later dead letter is being redriven.
        this.#dropped.delete(event.object);
        return;
      case 'replayed':
        this.#checkOnce(event.bundle);
        return this.#replayed(event.bundle);
      case 'published':
        this.#checkOnce(event.bundle);
        if (event.bundle.startsWith(REPLAY_PREFIX)) this.#replayed(event.bundle);
        return;
      case 'deleted':
        return this.#deleted(event.bundle);
      default:
    }
  }

  #checkOnce(bundle: string): void {
    const versions = this.#cloud.store.versions(BUCKETS.distribution, bundle);
    if (versions.filter(({ content }) => content).length > 1)
      this.#break('no bundle is published twice', `${bundle} was published twice`);
  }

  #break(rule: string, detail: string): void {
    this.violation ??= { rule, detail };
  }

  #requeued({ actor, at, objects }: ActionEvent & { objects: readonly string[] }): void {
    const rule = 'the reconciler requeues only what is lost';
    for (const object of objects) {
      const known = this.#runs.get(actor)?.get(object);
      if (!known) continue;
      const { items } = this.#cloud.table;
      const { claim, mark, isDelivered, isDropped } = known;
      const hasStayed = (item: Item | undefined, id: string) => item !== undefined && items.get(id) === item;
      if (isDelivered) this.#break(rule, `${actor} requeues an object that was delivered before it began`);
      if (isDropped && this.#dropped.has(object))
        this.#break(rule, `${actor} requeues an object that the operator has dropped`);
      // Once its bundle is published without the object, a claim means nothing.
      if (
        hasStayed(claim, claimId(object)) &&
        Number(claim?.['until']) > at + DRIFT_MS &&
        !this.#isPublished(String(claim?.['bundle']))
      )
        this.#break(rule, `${actor} requeues an object whose builder may still be at work`);
      if (hasStayed(mark, quarantineId(object)) && Number(mark?.expires) * 1000 > at + DRIFT_MS)
        this.#break(rule, `${actor} requeues an object whose dead letter waits for the operator`);
    }
  }

  #replayed(bundle: string): void {
    const latest = this.#cloud.store.versions(BUCKETS.distribution, originalKey(bundle)).at(-1);
    if (latest?.content !== undefined) {
      this.#break(
        'a bundle is replayed only after the consumer has taken it',
        `${bundle} is a copy of a waiting bundle`,
      );
    }
  }

  /** The consumer may delete a bundle only if a power failure could not take its files and what it knows about them. */
  #deleted(bundle: string): void {
    const rule = 'a bundle is deleted only after its files and its receipt are safe';
    const content = this.#cloud.store
      .versions(BUCKETS.distribution, bundle)
      .findLast((version) => version.content)?.content;
    if (!content) return;
    const isSafe = this.#machines.some(({ disk }) => {
      const files = disk.files(INBOX, true);
      if (!hasReceipt(files, bundle)) return false;
      const safe = new Map<string, number>();
      for (const [path, bytes] of files) {
        if (path.startsWith(`${INBOX}/.consumer/`)) continue;
        const text = bytes.toString('utf8');
        safe.set(text, (safe.get(text) ?? 0) + 1);
      }
      return entriesOf(content).every((entry) => (safe.get(entry.content) ?? 0) > 0);
    });
    if (!isSafe) this.#break(rule, `${bundle} would be lost if the power failed now`);
  }

  #isPublished(bundle: string): boolean {
    return this.#cloud.store.versions(BUCKETS.distribution, bundle).length > 0;
  }

  #isDelivered(objectId: string): boolean {
    const { store, table } = this.#cloud;
    const bundle = table.items.get(claimId(objectId))?.['bundle'];
    if (typeof bundle !== 'string' || !this.#isPublished(bundle)) return false;
    const manifest = store.versions(BUCKETS.archive, manifestKey(bundle)).at(-1)?.content;
    if (!manifest) return false;
    return parseManifest(String(manifest), bundle).members.some((member) => objectIdOf(member) === objectId);
  }
}
