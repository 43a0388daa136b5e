import { entriesOf } from '../rules/read-tar.ts';
import type { Random } from '@data-aggregator/shared-processing/testing';
import type { Cloud } from '../services/cloud.ts';
import { BUCKETS } from '../settings.ts';
import type { World } from '../services/world.ts';

/** A bundle that the consumer has pulled. */
export interface Pull {
  key: string;
  versionId: string;
  content: Buffer;
}

/**
 * The on-premise consumer: pulls each current version of a bundle once, and later deletes it with a delete marker.
 */
export class Consumer {
  readonly pulls: Pull[] = [];
  readonly #world: World;
  readonly #cloud: Cloud;
  readonly #pulled = new Set<string>();
  readonly #contents = new Set<string>();

  constructor(world: World, cloud: Cloud) {
    this.#world = world;
    this.#cloud = cloud;
  }

  get hasSomething(): boolean {
    return this.#current().length > 0;
  }

  /** Pulls a bundle, or deletes one that it has pulled. */
  act(random: Random): void {
    const { key, version } = random.pick(this.#current());
    if (!this.#pulled.has(version.versionId)) this.#pull(key, version);
    else this.#delete(key);
  }

  pullAll(): void {
    for (const { key, version } of this.#current()) {
      if (!this.#pulled.has(version.versionId)) this.#pull(key, version);
      this.#delete(key);
    }
  }

  hasContent(content: string): boolean {
    return this.#contents.has(content);
  }

  #pull(key: string, { versionId, content }: { versionId: string; content: Buffer }): void {
    this.#pulled.add(versionId);
    this.pulls.push({ key, versionId, content });
    for (const entry of entriesOf(content)) this.#contents.add(entry.content);
    this.#world.trace(`the consumer pulls ${key}`);
  }

  #delete(key: string): void {
    this.#cloud.store.addDeleteMarker(BUCKETS.distribution, key);
    this.#world.trace(`the consumer deletes ${key}`);
  }

  #current() {
    const { store } = this.#cloud;
    return store.keys(BUCKETS.distribution).flatMap((key) => {
      const latest = store.versions(BUCKETS.distribution, key).at(-1);
      return latest?.content ? [{ key, version: { ...latest, content: latest.content } }] : [];
    });
  }
}
