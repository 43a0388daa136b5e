/** What a run of the protocol has done so far. States are never changed, only replaced. */
export interface State {
  /** How much two clocks may differ from the world's, in ms. */
  clockDriftMs: number;
  objects: ReadonlyMap<string, ObjectState>;
  bundles: ReadonlyMap<string, BundleState>;
  /** For each process, the object versions in the messages that it has received and not acknowledged; twice if two messages have one. */
  held: ReadonlyMap<string, readonly string[]>;
  /** For each process, the object versions that it has sent on: to a queue, or to the dead letters. */
  sentOn: ReadonlyMap<string, ReadonlySet<string>>;
  /** For each process, the object versions in the records of dropped cases that it has stored. */
  dropRecords: ReadonlyMap<string, ReadonlySet<string>>;
  /** For each process, the object versions that it has marked as quarantined. */
  marked: ReadonlyMap<string, ReadonlySet<string>>;
  dead: ReadonlySet<string>;
}

/** An object version. It is delivered if a published bundle has it among its members. */
export interface ObjectState {
  /** `until`: ms since the epoch. */
  claim: { bundle: string; until: number } | undefined;
  /** Whether SQS has accepted a dead letter about it. */
  hasDeadLetter: boolean;
}

export interface BundleState {
  isReplay: boolean;
  /** The process that claims objects for it. */
  builder: string | undefined;
  uploads: ReadonlyMap<string, UploadState>;
  /** The upload in its record. */
  recordedUpload: string | undefined;
  /** Ids of its members. */
  manifest: readonly string[] | undefined;
  isPublished: boolean;
  /** Consumers that have its verified files and a plan on disk. */
  plans: ReadonlySet<string>;
  /** The consumer whose receipt is in the archive. */
  committedBy: string | undefined;
  isRenamed: boolean;
  hasLocalReceipt: boolean;
  isDeleted: boolean;
}

export type UploadState = 'started' | 'aborted' | 'completed';

export function initialState(clockDriftMs: number): State {
  return {
    clockDriftMs,
    objects: new Map(),
    bundles: new Map(),
    held: new Map(),
    sentOn: new Map(),
    dropRecords: new Map(),
    marked: new Map(),
    dead: new Set(),
  };
}

const newObject: ObjectState = { claim: undefined, hasDeadLetter: false };

const newBundle: BundleState = {
  isReplay: false,
  builder: undefined,
  uploads: new Map(),
  recordedUpload: undefined,
  manifest: undefined,
  isPublished: false,
  plans: new Set(),
  committedBy: undefined,
  isRenamed: false,
  hasLocalReceipt: false,
  isDeleted: false,
};

export function objectOf({ objects }: State, id: string): ObjectState {
  return objects.get(id) ?? newObject;
}

export function bundleOf({ bundles }: State, key: string): BundleState {
  return bundles.get(key) ?? newBundle;
}

export function withObject(state: State, id: string, change: Partial<ObjectState>): State {
  return { ...state, objects: put(state.objects, id, { ...objectOf(state, id), ...change }) };
}

export function withObjects(state: State, ids: readonly string[], change: Partial<ObjectState>): State {
  return ids.reduce((changed, id) => withObject(changed, id, change), state);
}

export function withBundle(state: State, key: string, change: Partial<BundleState>): State {
  return { ...state, bundles: put(state.bundles, key, { ...bundleOf(state, key), ...change }) };
}

export function withUpload(state: State, key: string, upload: string, now: UploadState): State {
  return withBundle(state, key, { uploads: put(bundleOf(state, key).uploads, upload, now) });
}

/** The object versions that a process still holds if it acknowledges these. */
export function heldAfter({ held }: State, actor: string, acknowledged: readonly string[]): string[] {
  const left = [...(held.get(actor) ?? [])];
  for (const id of acknowledged) {
    const at = left.indexOf(id);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}

export function withHeld(state: State, actor: string, ids: readonly string[]): State {
  return { ...state, held: put(state.held, actor, ids) };
}

/** What a process has done to object versions. */
export type Done = 'sentOn' | 'dropRecords' | 'marked';

/** Adds object versions to what a process has done. */
export function withDone(state: State, what: Done, actor: string, ids: readonly string[]): State {
  const done = new Set([...(state[what].get(actor) ?? []), ...ids]);
  return { ...state, [what]: put(state[what], actor, done) };
}

/** Whether a bundle is published with an object version among its members. */
export function holds({ isPublished, manifest }: BundleState, id: string): boolean {
  return isPublished && (manifest?.includes(id) ?? false);
}

/** The published bundles with an object version among their members, without replays, which repeat a delivery on purpose. */
export function deliveriesOf({ bundles }: State, id: string): string[] {
  return [...bundles].flatMap(([key, bundle]) => (!bundle.isReplay && holds(bundle, id) ? [key] : []));
}

function put<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}
