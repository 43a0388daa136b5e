import { posix } from 'node:path';
import type { HandleDependencies } from '@data-aggregator/bundling';
import { BUNDLE_PREFIX, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import type { GroupOf } from '@data-aggregator/shared-processing/groups';
import { CallError } from '@data-aggregator/shared-processing/errors';
import {
  bundleId,
  type Ledger,
  type LedgerTable,
  objectIdOf,
  packIds,
  type Publications,
  type Uploads,
} from '@data-aggregator/shared-processing/ledger';
import { parseManifest } from '@data-aggregator/shared-processing/manifest';
import type {
  MultipartStore,
  ObjectStore,
  KeyState,
  StoredObject,
} from '@data-aggregator/shared-processing/s3';
import type { ObjectVersion } from '@data-aggregator/shared-processing/s3-event';
import type { BatchResponse } from '@data-aggregator/shared-processing/sqs';
import type { Disk, DiskFile } from '../../../../apps/consumer/src/inbox/disk.ts';
import type { ReplayStore } from '../../../../apps/replayer/src/replay-store.ts';
import type { ConsumerReach } from '../actors/consumer.ts';
import type { OperatorReach } from '../actors/operator.ts';
import type { Cloud } from '../services/cloud.ts';
import type { Reach } from '../services/reach.ts';
import { BUCKETS, TIMEOUT_MS } from '../settings.ts';
import {
  bundlesWithoutResponse,
  copiesWithoutResponse,
  deathsAfterCompletion,
  deathsBeforeFolderSyncs,
  deathsBeforePlanSyncs,
  droppedAndNeverReleased,
  droppedAndReleasedTwice,
  failingPlanSyncs,
  lateAnswersAboutLateBundles,
  lateBundles,
  lateCompletions,
  lateCopies,
  lostForwarding,
  lostMarks,
  lostNotes,
  unstorableManifests,
} from '../schedule/steerings.ts';
import type { Steer } from '../services/world.ts';

type LedgerPort = Pick<
  Ledger,
  'claim' | 'release' | 'recordUpload' | 'giveUp' | 'recordBundle' | 'quarantine'
>;

/**
 * The code with one rule broken. A mutant changes what is between the code and the services, never the code itself. Without
 * any part it is the real code.
 */
export interface Mutant {
  /** Changes what the invocation's calls do when they take effect, even after it has died. */
  cloud?: (cloud: Cloud) => Cloud;
  reach?: (reach: Reach) => Reach;
  ledger?: (ledger: LedgerPort) => LedgerPort;
  publications?: (publications: Publications) => Publications;
  uploads?: (uploads: Uploads) => Uploads;
  newBundleKey?: (newKey: HandleDependencies['newBundleKey']) => HandleDependencies['newBundleKey'];
  groupOf?: (groupOf: GroupOf) => GroupOf;
  claimGraceMs?: number;
  /** How long a received message stays hidden. */
  visibilityMs?: number;
  response?: (response: BatchResponse) => BatchResponse;
  /** Acknowledges a batch also when the invocation failed. */
  acknowledgesFailures?: boolean;
  reconciler?: (reach: Reach) => Reach;
  replayer?: (reach: ReplayerReach) => ReplayerReach;
  operator?: (reach: OperatorReach) => OperatorReach;
  consumer?: (reach: ConsumerReach) => ConsumerReach;
  disk?: (disk: Disk) => Disk;
  /** Steers schedules towards what is rare; see WorldOptions. */
  steer?: Steer;
  /** How often something happens from outside, if not by chance. */
  times?: Partial<Record<'again' | 'replayer', number>>;
}

export type ReplayerReach = Reach & { replays: ReplayStore };

/** Creates a mutant for one invocation, so that it keeps no more state than a process would. */
export type MakeMutant = () => Mutant;

const withStore = (change: (store: ObjectStore) => Partial<ObjectStore>): Mutant => ({
  reach: (reach) => ({ ...reach, store: { ...reach.store, ...change(reach.store) } }),
});
const withTable = (
  change: (table: LedgerTable) => Partial<LedgerTable>,
): Required<Pick<Mutant, 'reach'>> => ({
  reach: (reach) => ({ ...reach, table: { ...reach.table, ...change(reach.table) } }),
});
/** No bundle record is found, so that S3 must be asked. */
const withoutNotes = withTable((table) => ({
  get: async (id) => (id.startsWith('bundle#') ? undefined : table.get(id)),
}));

const isBundle = ({ bucket }: StoredObject) => bucket === BUCKETS.distribution;
const isManifest = ({ bucket }: StoredObject) => bucket === BUCKETS.archive;
const isUnknown = (error: unknown) => error instanceof CallError && error.outcome === 'unknown';
const everything: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true });

export const mutants = {
  /** Writes the bundle record before the bundle is stored. */
  'complete-before-publish': () => ({
    reach: (reach) => ({
      ...reach,
      store: {
        ...reach.store,
        async put(object) {
          await reach.store.put(object);
          if (!isManifest(object)) return;
          const { bundle, members } = parseManifest(String(object.open()), object.key);
          const ids = packIds(members.map(objectIdOf));
          await reach.table.put({ id: bundleId(bundle.key), members: ids, expires: 2_000_000_000 });
        },
      },
    }),
  }),

  /** Treats an object as delivered if its claim names a published bundle, without checking the members. */
  'trust-the-claim': () => ({
    ...withoutNotes,
    publications: ({ membersOf }) => ({
      membersOf: async (bundle) => ((await membersOf(bundle)) ? everything : undefined),
    }),
    steer: droppedAndNeverReleased,
  }),

  /** Takes over an expired claim without asking whether its bundle was published. */
  'take-over-without-asking': () => ({
    ...withoutNotes,
    publications: () => ({ membersOf: async () => undefined }),
  }),

  /** Checks whether a claim has expired only after asking S3 about its bundle, so the response may be outdated. */
  'expired-after-asking': () => {
    const answers = new Map<string, ReturnType<Publications['membersOf']>>();
    let ask: Publications['membersOf'];
    return {
      // The code reads the clock once a claim was refused: this asks before the refusal is seen.
      reach: (reach) => {
        const table = withoutNotes.reach(reach).table;
        return {
          ...reach,
          table: {
            ...table,
            put: async (item, condition) => {
              const result = await table.put(item, condition);
              const bundle = result.kind === 'refused' && result.existing?.['bundle'];
              if (typeof bundle !== 'string') return result;
              const answer = ask(bundle);
              answers.set(bundle, answer);
              await answer.catch(() => undefined); // The code meets the error when it asks.
              return result;
            },
          },
        };
      },
      publications: (publications) => {
        ask = publications.membersOf;
        return { membersOf: (bundle) => answers.get(bundle) ?? ask(bundle) };
      },
      steer: lateAnswersAboutLateBundles(),
      times: { again: 20 },
    };
  },

  /** Shares one response about a bundle between concurrent requests, even if the claim expired in between. */
  'share-answers-across-expiry': () => {
    const asking = new Map<string, ReturnType<Publications['membersOf']>>();
    return {
      ...withoutNotes,
      publications: ({ membersOf }) => ({
        membersOf: (bundle) => {
          const answer = asking.get(bundle) ?? membersOf(bundle).finally(() => asking.delete(bundle));
          asking.set(bundle, answer);
          return answer;
        },
      }),
      steer: lateAnswersAboutLateBundles(),
      times: { again: 20 },
    };
  },

  /** Treats a bundle that the consumer has deleted as never published. */
  'forget-delete-markers': () => ({
    ...withStore((store) => ({
      head: async (bucket, key) => {
        const state = await store.head(bucket, key);
        return state.kind === 'deleted' ? { kind: 'absent' } : state;
      },
    })),
    steer: lostNotes,
  }),

  /** Writes claims but ignores the ledger's response. */
  'ignore-the-claim': () => ({
    ledger: (ledger) => ({
      ...portOf(ledger),
      claim: async (object, claim) => {
        await ledger.claim(object, claim);
        return { kind: 'claimed', failures: 0 };
      },
    }),
  }),

  /** Releases claims without a condition. */
  'unconditional-release': () => ({
    ...withTable((table) => ({ delete: (id) => table.delete(id, { kind: 'equals', attributes: {} }) })),
    steer: droppedAndReleasedTwice,
  }),

  /** Takes over claims without a condition. */
  'unconditional-take-over': () =>
    withTable((table) => ({
      put: (item, condition) => table.put(item, condition?.kind === 'equals' ? undefined : condition),
    })),

  /** Releases the members after a PUT without a response. */
  'release-after-unknown-publish': () => {
    const claimed: { bundle: string; object: ObjectVersion }[] = [];
    let release: LedgerPort['release'] = async () => undefined;
    return {
      ledger: (ledger) => {
        release = (object, released) => ledger.release(object, released);
        return {
          ...portOf(ledger),
          claim: async (object, claim) => {
            const outcome = await ledger.claim(object, claim);
            if (outcome.kind === 'claimed') claimed.push({ bundle: claim.bundle, object });
            return outcome;
          },
        };
      },
      ...withStore((store) => ({
        put: async (object) => {
          try {
            await store.put(object);
          } catch (error) {
            const mine = isBundle(object) && isUnknown(error) ? claimed : [];
            for (const { bundle, object: member } of mine)
              if (bundle === object.key) await release(member, { bundle, failures: 0, expires: 0 });
            throw error;
          }
        },
      })),
    };
  },

  /** Retries a PUT without a response. It succeeds if the consumer has deleted the bundle meanwhile. */
  'retry-unknown-publish': () => ({
    ...withStore((store) => ({
      put: async (object) => {
        try {
          await store.put(object);
        } catch (error) {
          if (!isBundle(object) || !isUnknown(error)) throw error;
          await store.put(object);
        }
      },
    })),
    steer: bundlesWithoutResponse(),
  }),

  /** Uses the same bundle key for every attempt. */
  'reuse-bundle-key': () => ({ newBundleKey: () => () => `${BUNDLE_PREFIX}always-the-same.tar` }),

  /** Puts files of all groups into the same bundles. */
  'mix-groups': () => ({ groupOf: (groupOf) => () => groupOf('a') }),

  /** Stores the manifest after the bundle. */
  'manifest-after-publish': () => {
    let manifest: StoredObject | undefined;
    return withStore((store) => ({
      put: async (object) => {
        if (isManifest(object)) {
          manifest = object;
          return;
        }
        await store.put(object);
        if (manifest) await store.put(manifest);
      },
    }));
  },

  /** Takes over an expired claim without aborting the upload of its builder, whose completion may still come. */
  'takeover-without-abort': () => ({
    uploads: () => ({ abort: async () => undefined }),
    steer: lateCompletions,
  }),

  /** Ignores that its upload was aborted: uploads the parts again and completes that, without a new claim. */
  'complete-after-abort': () => {
    const kept = new Map<string, Uint8Array>();
    return {
      cloud: (cloud) => {
        const { multipart } = cloud.store;
        const ignoring: MultipartStore = {
          ...multipart,
          uploadPart(upload, part) {
            kept.set(`${upload.uploadId} ${part.number}`, part.bytes);
            return multipart.uploadPart(upload, part);
          },
          async complete(upload, parts, whole) {
            try {
              await multipart.complete(upload, parts, whole);
            } catch (error) {
              if (!(error instanceof CallError) || error.code !== 'NoSuchUpload') throw error;
              const again = { ...upload, uploadId: await multipart.create({ ...upload, contentType: '' }) };
              for (const { number, crc64nvme } of parts) {
                const bytes = kept.get(`${upload.uploadId} ${number}`) ?? new Uint8Array();
                await multipart.uploadPart(again, { number, bytes, crc64nvme });
              }
              await multipart.complete(again, parts, whole);
            }
          },
        };
        return { ...cloud, store: { ...cloud.store, multipart: ignoring } };
      },
      steer: lateCompletions,
    };
  },

  /** Completes an upload before the bundle's manifest is stored. */
  'manifest-after-complete': () => {
    let manifest: StoredObject | undefined;
    return {
      reach: (reach) => ({
        ...reach,
        store: {
          ...reach.store,
          async put(object) {
            if (isManifest(object)) {
              manifest = object;
              return;
            }
            if (manifest) await reach.store.put(manifest);
            await reach.store.put(object);
          },
        },
        multipart: {
          ...reach.multipart,
          async complete(upload, parts, whole) {
            await reach.multipart.complete(upload, parts, whole);
            if (manifest) await reach.store.put(manifest);
          },
        },
      }),
      steer: deathsAfterCompletion,
    };
  },

  /** Accepts a truncated body without verifying its checksum. */
  'acknowledge-partial-read': () =>
    withStore((store) => ({
      get: async (request) => {
        const received = await store.get(request);
        const chunks: Uint8Array[] = [];
        try {
          for await (const chunk of received.body) chunks.push(chunk);
        } catch {
          // This mutant ignores the interruption.
        }
        const content = Buffer.concat(chunks);
        return {
          ...received,
          checksum: undefined,
          size: content.length,
          body: Object.assign(once(content), { destroy: () => undefined }),
        };
      },
    })),

  /** Lets claims expire at the deadline, although a PUT may take effect later. */
  'no-grace': () => ({ claimGraceMs: 0, steer: lateBundles }),

  /** Responds without batch item failures. */
  'acknowledge-what-failed': () => ({ response: () => ({ batchItemFailures: [] }) }),

  /** Acknowledges the batch of a failed invocation. */
  'acknowledge-faults': () => ({ acknowledgesFailures: true, steer: unstorableManifests }),

  /** A message returns while the claims of its dead builder still stand. */
  'visibility-shorter-than-claim': () => ({ visibilityMs: TIMEOUT_MS + 5_000 }),

  /** Large objects are counted as forwarded without being sent. */
  'forward-without-sending': () => ({
    reach: (reach) => ({ ...reach, sendToLargeObjects: async (messages) => messages.map(() => true) }),
  }),

  /** A message is acknowledged before its large objects are known to be in the other queue. */
  'acknowledge-before-forwarding': () => ({
    reach: (reach) => ({
      ...reach,
      sendToLargeObjects: async (messages) => {
        void reach.sendToLargeObjects(messages).catch(() => undefined); // This mutant does not look at the result.
        return messages.map(() => true);
      },
    }),
    steer: lostForwarding,
  }),

  /** Reports dead letters as sent without sending them. */
  'lose-dead-letters': () => ({
    reach: (reach) => ({ ...reach, sendToDeadLetters: async (letters) => letters.map(() => true) }),
  }),
  /** The reconciler ignores claims: what is in progress or delivered looks lost. */
  'reconcile-without-claims': () => ({
    reconciler: (reach) => ({ ...reach, table: withoutItems(reach.table, 'claim#') }),
  }),

  /** The reconciler ignores the marks of dead letters and of dropped cases. */
  'reconcile-without-marks': () => ({
    reconciler: (reach) => ({ ...reach, table: withoutItems(reach.table, 'quarantine#') }),
  }),

  /** The reconciler does not ask S3 about bundles: what is published without a record looks lost. */
  'reconcile-without-asking': () => ({
    reconciler: (reach) => ({
      ...reach,
      table: withoutItems(reach.table, 'bundle#'),
      store: { ...reach.store, head: async () => ({ kind: 'absent' }) },
    }),
  }),

  /** Replays a bundle that the consumer has not taken yet. */
  'replay-what-waits': () => ({
    replayer: withHead(({ kind }, key) =>
      kind === 'present' && key.startsWith(BUNDLE_PREFIX) ? { kind: 'deleted' } : undefined,
    ),
  }),

  /** Replays a bundle again for a request whose first copy the consumer has taken. */
  'replay-again': () => ({
    replayer: withHead(({ kind }, key) =>
      kind === 'deleted' && key.startsWith(REPLAY_PREFIX) ? { kind: 'absent' } : undefined,
    ),
  }),

  /** Repeats a copy without a response. */
  'retry-unknown-copy': () => ({
    replayer: (reach) => ({
      ...reach,
      replays: {
        ...reach.replays,
        copy: (copy) =>
          reach.replays.copy(copy).catch((error: unknown) => {
            if (!isUnknown(error)) throw error;
            return reach.replays.copy(copy);
          }),
      },
    }),
    steer: copiesWithoutResponse(),
    times: { replayer: 3 },
  }),

  /** Repeats a copy that may still arrive in a further run of the request. */
  'repeat-late-copy': () => ({
    replayer: (reach) => ({ ...reach, table: withoutItems(reach.table, `bundle#${REPLAY_PREFIX}`) }),
    steer: lateCopies,
    times: { replayer: 6 },
  }),

  /** Drops a case without marking its objects, so that they look lost. */
  'drop-without-mark': () => ({
    operator: (reach) => ({
      ...reach,
      table: { ...reach.table, put: async () => ({ kind: 'written' }) },
    }),
    steer: lostMarks,
  }),

  /** Removes the dead letters of a dropped case without keeping a record of them. */
  'drop-without-record': () => ({
    operator: (reach) => ({ ...reach, store: { ...reach.store, put: async () => undefined } }),
  }),

  /** Removes dead letters although the queue has not accepted their message. */
  'redrive-without-sending': () => ({
    operator: (reach) => ({ ...reach, sendToQueue: async (messages) => messages.map(() => true) }),
  }),

  /** Removes dead letters that it has not handled. */
  'remove-all-letters': () => ({
    operator: (reach) => ({
      ...reach,
      deadLetters: {
        ...reach.deadLetters,
        giveBack: async (letters) => void (await reach.deadLetters.remove(letters)),
      },
    }),
  }),

  /** Places files before their bytes are on disk. */
  'place-unsynced-files': () => ({
    disk: (disk) => ({
      ...withFiles(disk, { sync: async () => undefined }, isFile),
      fsync: async () => undefined,
      syncFileSystem: async () => true,
    }),
  }),

  /** Deletes the bundle before the names of its files are on disk. */
  'delete-before-names-are-synced': () => ({
    disk: (disk) => withFiles(disk, { sync: async () => undefined }, (path) => !path.includes('.consumer')),
  }),

  /** Deletes the bundle before the receipt is on disk. */
  'delete-before-receipt-is-synced': () => ({
    disk: (disk) => withFiles(disk, { sync: async () => undefined }, (path) => path.includes('/receipts')),
  }),

  /** Deletes the bundle as soon as the archive has the receipt. */
  'delete-before-placing': () => ({
    consumer: (reach) => ({
      ...reach,
      archive: {
        ...reach.archive,
        putReceipt: async (bundle, text) => {
          const result = await reach.archive.putReceipt(bundle, text);
          if (result === 'stored') await reach.distribution.remove(bundle);
          return result;
        },
      },
    }),
  }),

  /** Commits before the plan is on disk. */
  'commit-unsynced-plan': () => ({
    disk: (disk) => withFiles(disk, { sync: async () => undefined }, (path) => path.includes('/work/')),
  }),

  /** Does not sync the name of a folder that exists already. */
  'trust-existing-folders': () => ({
    disk: (disk) => {
      const trusted = new Set<string>();
      const watched: Disk = {
        ...disk,
        mkdir: (path) =>
          disk.mkdir(path).catch((error: unknown) => {
            trusted.add(posix.dirname(path));
            throw error;
          }),
      };
      return withFiles(watched, { sync: async () => undefined }, (path) => trusted.delete(path));
    },
    steer: deathsBeforeFolderSyncs,
  }),

  /** Goes on from a plan that it has found without syncing its name. */
  'resume-unsynced-plan': () => ({
    disk: (disk) => {
      const written = new Set<string>();
      const watched: Disk = {
        ...disk,
        rename: (from, to) => {
          if (to.endsWith('/plan.json')) written.add(posix.dirname(to));
          return disk.rename(from, to);
        },
        mkdir: (path) => {
          written.add(posix.dirname(path));
          return disk.mkdir(path);
        },
      };
      const isFound = (path: string) => /\/work\/[^/]+$/.test(path) && !written.has(path);
      return withFiles(watched, { sync: async () => undefined }, isFound);
    },
    steer: deathsBeforePlanSyncs,
  }),

  /** Removes the files of a plan that is visible, but may not be on disk. */
  'remove-files-of-a-plan': () => ({
    disk: (disk) => ({
      ...disk,
      existsSync: (path) => !path.endsWith('/plan.json') && disk.existsSync(path),
    }),
    steer: failingPlanSyncs,
  }),

  /** Takes a bundle although another consumer has its receipt in the archive. */
  'ignore-the-receipt': () => ({
    consumer: (reach) => ({
      ...reach,
      archive: {
        ...reach.archive,
        putReceipt: async (bundle, text) => {
          await reach.archive.putReceipt(bundle, text);
          return 'stored';
        },
        receipt: async () => undefined,
      },
    }),
  }),

  /** Acknowledges messages and deletes bundles that it could not process. */
  'delete-what-failed': () => ({
    consumer: (reach) => ({
      ...reach,
      distribution: {
        ...reach.distribution,
        get: (key, range, signal) =>
          reach.distribution.get(key, range, signal).catch(async (error: unknown) => {
            await reach.distribution.remove(key);
            throw error;
          }),
      },
    }),
  }),
} satisfies Record<string, MakeMutant>;

/** A replayer that takes what HEAD answers for something else. @param change the other state, or nothing */
function withHead(change: (state: KeyState, key: string) => KeyState | undefined) {
  return (reach: ReplayerReach): ReplayerReach => ({
    ...reach,
    store: {
      ...reach.store,
      head: async (bucket, key) => {
        const state = await reach.store.head(bucket, key);
        return change(state, key) ?? state;
      },
    },
  });
}

function withoutItems(table: LedgerTable, prefix: string): LedgerTable {
  return { ...table, get: async (id) => (id.startsWith(prefix) ? undefined : table.get(id)) };
}

/** A disk whose open files differ where the path is one of those. */
function withFiles(disk: Disk, changes: Partial<DiskFile>, isConcerned: (path: string) => boolean): Disk {
  return {
    ...disk,
    open: async (path, flags) => {
      const file = await disk.open(path, flags);
      return isConcerned(path) ? { ...file, ...changes } : file;
    },
  };
}

const isFile = (path: string) => path.includes('/files/');

export type MutantName = keyof typeof mutants;
export const mutantNames = Object.keys(mutants) as MutantName[];

/** The mutants with a steering. An error of the same kind in the real code would show under the same steering. */
export const steeredMutants = mutantNames.filter((name) => steeringOf(name) !== undefined);

/** Which code a schedule runs: a mutant, the sound code under the steering of one, or as the seed decides. */
export interface Variant {
  break?: MutantName | undefined;
  steer?: MutantName | undefined;
}

export function makeMutantOf({ break: broken, steer }: Variant): MakeMutant | undefined {
  if (broken) return mutants[broken];
  return steer && underSteeringOf(steer);
}

/** The sound code under the steering of a mutant. */
export function underSteeringOf(name: MutantName): MakeMutant {
  return () => {
    const makeMutant: MakeMutant = mutants[name];
    const { steer, times } = makeMutant();
    return { ...(steer && { steer }), ...(times && { times }) };
  };
}

/** Creates the steering of a mutant for one schedule, because it may have state. */
export function steeringOf(name: MutantName): Steer | undefined {
  const makeMutant: MakeMutant = mutants[name];
  return makeMutant().steer;
}

/** A ledger's methods, bound. */
function portOf(ledger: LedgerPort): LedgerPort {
  return {
    claim: (object, claim) => ledger.claim(object, claim),
    release: (object, release) => ledger.release(object, release),
    recordUpload: (bundle, uploadId, expires) => ledger.recordUpload(bundle, uploadId, expires),
    giveUp: (bundle, expires, uploadId) => ledger.giveUp(bundle, expires, uploadId),
    recordBundle: (bundle, members, expires) => ledger.recordBundle(bundle, members, expires),
    quarantine: (object, reason, expires) => ledger.quarantine(object, reason, expires),
  };
}

async function* once(content: Uint8Array) {
  if (content.length > 0) yield content;
}
