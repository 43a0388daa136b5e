import { createHash } from 'node:crypto';
import { groupOfBundle } from '@data-aggregator/shared-processing/bundle-key';
import { bundleId, objectIdOf, unpackIds } from '@data-aggregator/shared-processing/ledger';
import { type Manifest, manifestKey, parseManifest } from '@data-aggregator/shared-processing/manifest';
import type { Violation } from '../rules/violation.ts';
import { entriesOf } from '../rules/read-tar.ts';
import { BUCKETS } from '../settings.ts';
import type { State } from './state.ts';
import type { SmallFile, World } from './world.ts';

export type { Violation };

/** What the rules read of the contents of one world, each once. */
const tars = new WeakMap<World, Map<number, { name: string; content: string }[]>>();
const manifests = new WeakMap<World, Map<number, Manifest>>();

function remembered<T>(memory: WeakMap<World, Map<number, T>>, world: World, id: number, read: () => T): T {
  const known = memory.get(world) ?? new Map<number, T>();
  memory.set(world, known);
  const value = known.get(id) ?? read();
  known.set(id, value);
  return value;
}

const entriesIn = (world: World, content: number) =>
  remembered(tars, world, content, () => entriesOf(world.services.contents.get(content).bytes));

const manifestIn = (world: World, content: number, key: string) =>
  remembered(manifests, world, content, () => parseManifest(world.services.contents.get(content).bytes, key));

/** The rules that hold at every moment: no file is published twice, and a bundle is published after its manifest. */
export function checkBundles(world: World, state: State): Violation | undefined {
  const bundles = world.bundles(state);
  for (const { key, versions } of bundles) {
    if (versions.length > 0 && manifestOf(world, key, state) === undefined)
      return { rule: 'a manifest is stored before its bundle', detail: `${key} has no manifest` };
  }
  for (const file of world.files) {
    const holders = holdersOf(file, bundles, world);
    if (holders.length > 1)
      return { rule: 'no file is delivered twice', detail: `${file.key} is in ${holders.join(' and ')}` };
  }
  return undefined;
}

/** The rules that hold once everything is quiet. */
export function checkEnd(world: World, state: State): Violation | undefined {
  const violation = checkBundles(world, state);
  if (violation) return violation;
  const bundles = world.bundles(state);
  for (const file of world.files) {
    const holders = holdersOf(file, bundles, world);
    if (!file.isGood && holders.length > 0)
      return { rule: 'what cannot be bundled is not', detail: `${file.key} is in ${holders.join()}` };
    if (holders.length === 0 && !isDeadLetter(file, world, state))
      return {
        rule: 'no file is lost',
        detail: `${file.key} is neither in a bundle nor in the dead-letter queue`,
      };
  }
  for (const { key, versions } of bundles) {
    for (const content of versions) {
      const difference = differenceOf(key, content, world, state);
      if (difference) return { rule: 'bundle, manifest and ledger agree', detail: `${key}: ${difference}` };
    }
  }
  return undefined;
}

function holdersOf(file: SmallFile, bundles: ReturnType<World['bundles']>, world: World): string[] {
  return bundles.flatMap(({ key, versions }) =>
    versions.flatMap((version) =>
      entriesIn(world, version).flatMap(({ content }) => (content === file.content ? key : [])),
    ),
  );
}

function isDeadLetter({ body }: SmallFile, world: World, state: State): boolean {
  return world.services.messagesIn('dead letters', state).some((letter) => letter.body === body);
}

function manifestOf(world: World, key: string, state: State): number | undefined {
  return world.services.versionsOf(BUCKETS.archive, manifestKey(key), state).at(-1);
}

/** How a bundle, its manifest, its record and the claims of its members differ; undefined if they agree. */
function differenceOf(key: string, content: number, world: World, state: State): string | undefined {
  const stored = manifestOf(world, key, state);
  if (stored === undefined) return 'it has no manifest';
  const { bundle, members } = manifestIn(world, stored, key);
  const { bytes } = world.services.contents.get(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (bundle.size !== bytes.length || (bundle.sha256 ?? sha256) !== sha256)
    return 'its manifest is about another bundle';
  const entries = entriesIn(world, content);
  const isSame = (name: string, size: number, index: number) => {
    const entry = entries[index];
    return entry?.name === name && Buffer.byteLength(entry.content) === size;
  };
  if (
    entries.length !== members.length ||
    !members.every(({ name, size }, index) => isSame(name, size, index))
  )
    return 'it has other members than its manifest';
  if (!entries.every((entry) => world.files.some((file) => file.content === entry.content)))
    return 'it holds what has not landed';

  const ids = members.map(objectIdOf);
  const record = world.services.itemOf(bundleId(key), state)?.['members'];
  if (typeof record === 'string') {
    const recorded = unpackIds(Buffer.from(record.slice(record.indexOf(':') + 1), 'base64'));
    if (recorded.join() !== ids.join()) return 'its record lists other members than its manifest';
  }
  for (const file of world.files.filter(({ objectId }) => ids.includes(objectId))) {
    const claim = world.services.itemOf(file.claimId, state)?.['bundle'];
    if (claim !== key) return `${file.key} is claimed for ${claim}`;
    const group = world.groupOf?.(file.key);
    if (group?.name !== groupOfBundle(key) || group?.text !== bundle.group)
      return `${file.key} is of another group`;
  }
  return undefined;
}
