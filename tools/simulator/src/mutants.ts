import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { CallError } from '@data-aggregator/shared-processing/errors';
import {
  bundleId,
  type Ledger,
  type LedgerTable,
  objectIdOf,
  packIds,
  type Publications,
} from '@data-aggregator/shared-processing/ledger';
import { parseManifest } from '@data-aggregator/shared-processing/manifest';
import type { ObjectStore, StoredObject } from '@data-aggregator/shared-processing/s3';
import type { ObjectVersion } from '@data-aggregator/shared-processing/s3-event';
import type { BatchResponse } from '@data-aggregator/shared-processing/sqs';
import type { Reach } from './services.ts';
import { BUCKETS, TIMEOUT_MS } from './settings.ts';
import {
  droppedAndReleasedTwice,
  lateAnswersAboutLateBundles,
  lateBundles,
  lostNotes,
  unstorableManifests,
} from './steerings.ts';
import type { Steer } from './world.ts';

type LedgerPort = Pick<Ledger, 'claim' | 'release' | 'giveUp' | 'recordBundle' | 'quarantine'>;

/**
 * The code with one rule broken, by what is put between it and the services; the code itself is never touched. Without
 * any part it is the sound code.
 */
export interface Mutant {
  reach?: (reach: Reach) => Reach;
  ledger?: (ledger: LedgerPort) => LedgerPort;
  publications?: (publications: Publications) => Publications;
  newBundleKey?: (newKey: () => string) => () => string;
  claimGraceMs?: number;
  /** How long a received message stays hidden. */
  visibilityMs?: number;
  response?: (response: BatchResponse) => BatchResponse;
  /** Acknowledges a batch also when the invocation failed. */
  acknowledgesFailures?: boolean;
  /** Steers schedules towards what is rare; see WorldOptions. */
  steer?: Steer;
}

/** Makes a twin for one invocation, so that none remembers more than a process would. */
export type MakeTwin = () => Mutant;

const withStore = (change: (store: ObjectStore) => Partial<ObjectStore>): Mutant => ({
  reach: (reach) => ({ ...reach, store: { ...reach.store, ...change(reach.store) } }),
});
const withTable = (
  change: (table: LedgerTable) => Partial<LedgerTable>,
): Required<Pick<Mutant, 'reach'>> => ({
  reach: (reach) => ({ ...reach, table: { ...reach.table, ...change(reach.table) } }),
});
/** No note is found, so that S3 is asked. */
const withoutNotes = withTable((table) => ({
  get: async (id) => (id.startsWith('bundle#') ? undefined : table.get(id)),
}));

const isBundle = ({ bucket }: StoredObject) => bucket === BUCKETS.distribution;
const isManifest = ({ bucket }: StoredObject) => bucket === BUCKETS.archive;
const isUnknown = (error: unknown) => error instanceof CallError && error.outcome === 'unknown';
const everything: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true });

export const mutants = {
  /** The note that says "published" is written before the bundle is stored. */
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

  /** An object that is claimed for a published bundle is taken for delivered, without a look at the members. */
  'trust-the-claim': () => ({
    ...withoutNotes,
    publications: ({ membersOf }) => ({
      membersOf: async (bundle) => ((await membersOf(bundle)) ? everything : undefined),
    }),
  }),

  /** A expired claim is taken over without asking what became of its bundle. */
  'take-over-without-asking': () => ({
    ...withoutNotes,
    publications: () => ({ membersOf: async () => undefined }),
  }),

  /** Whether a claim has expired is decided after S3 was asked about its bundle: the answer may be from before. */
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
    };
  },

  /** Whoever asks about a bundle while somebody else does gets the same answer, also if the claim expired in between. */
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
    };
  },

  /** A bundle that the consumer has taken counts as never published. */
  'forget-delete-markers': () => ({
    ...withStore((store) => ({
      head: async (bucket, key) => {
        const state = await store.head(bucket, key);
        return state.kind === 'deleted' ? { kind: 'absent' } : state;
      },
    })),
    steer: lostNotes,
  }),

  /** The ledger's claim is put, and its answer not looked at. */
  'ignore-the-claim': () => ({
    ledger: (ledger) => ({
      ...portOf(ledger),
      claim: async (object, claim) => {
        await ledger.claim(object, claim);
        return { kind: 'claimed', failures: 0 };
      },
    }),
  }),

  /** A release deletes whatever claim there is. */
  'unconditional-release': () => ({
    ...withTable((table) => ({ delete: (id) => table.delete(id, { kind: 'equals', attributes: {} }) })),
    steer: droppedAndReleasedTwice,
  }),

  /** A take-over replaces whatever claim there is by now. */
  'unconditional-take-over': () =>
    withTable((table) => ({
      put: (item, condition) => table.put(item, condition?.kind === 'equals' ? undefined : condition),
    })),

  /** After a PUT without an answer its members are released. */
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

  /** A PUT without an answer is sent again: it succeeds over the delete marker of a consumer who was quick. */
  'retry-unknown-publish': () =>
    withStore((store) => ({
      put: async (object) => {
        try {
          await store.put(object);
        } catch (error) {
          if (!isBundle(object) || !isUnknown(error)) throw error;
          await store.put(object);
        }
      },
    })),

  /** Two attempts share a bundle's key. */
  'reuse-bundle-key': () => ({ newBundleKey: () => () => `${BUNDLE_PREFIX}always-the-same.tar` }),

  /** The manifest is stored after the bundle. */
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

  /** A body that breaks off is taken for the whole, without a look at its checksum. */
  'acknowledge-partial-read': () =>
    withStore((store) => ({
      get: async (request) => {
        const received = await store.get(request);
        const chunks: Uint8Array[] = [];
        try {
          for await (const chunk of received.body) chunks.push(chunk);
        } catch {
          // That it broke off is what this twin does not see.
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

  /** Claims expire at the deadline itself, though a PUT may land after it. */
  'no-grace': () => ({ claimGraceMs: 0, steer: lateBundles }),

  /** The answer names no message, whatever happened. */
  'acknowledge-what-failed': () => ({ response: () => ({ batchItemFailures: [] }) }),

  /** An invocation that fails as a whole acknowledges its batch. */
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
  }),

  /** Dead letters are counted as sent without being sent. */
  'lose-dead-letters': () => ({
    reach: (reach) => ({ ...reach, sendToDeadLetters: async (letters) => letters.map(() => true) }),
  }),
} satisfies Record<string, MakeTwin>;

export type MutantName = keyof typeof mutants;
export const mutantNames = Object.keys(mutants) as MutantName[];

/** The twins that come with a steering. What a steering catches in the twin, it would catch in the code. */
export const steeredTwins = mutantNames.filter((name) => steeringOf(name) !== undefined);

/** Which code a schedule runs: a broken twin, the sound code under the steering of one, or as the seed decides. */
export interface Variant {
  break?: MutantName | undefined;
  steer?: MutantName | undefined;
}

export function makeTwinOf({ break: broken, steer }: Variant): MakeTwin | undefined {
  if (broken) return mutants[broken];
  return steer && underSteeringOf(steer);
}

/** The sound code under the steering of a twin. */
export function underSteeringOf(name: MutantName): MakeTwin {
  return () => {
    const steer = steeringOf(name);
    return steer ? { steer } : {};
  };
}

/** The steering of a twin, made anew for each schedule: it may remember what happened in it. */
export function steeringOf(name: MutantName): Steer | undefined {
  const makeTwin: MakeTwin = mutants[name];
  return makeTwin().steer;
}

/** A ledger's methods, bound. */
function portOf(ledger: LedgerPort): LedgerPort {
  return {
    claim: (object, claim) => ledger.claim(object, claim),
    release: (object, release) => ledger.release(object, release),
    giveUp: (bundle, expires) => ledger.giveUp(bundle, expires),
    recordBundle: (bundle, members, expires) => ledger.recordBundle(bundle, members, expires),
    quarantine: (object, reason, expires) => ledger.quarantine(object, reason, expires),
  };
}

async function* once(content: Uint8Array) {
  if (content.length > 0) yield content;
}
