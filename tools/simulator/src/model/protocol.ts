import { originalKey, REPLAY_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import type { Action } from '../trace.ts';
import type { Guard } from './rules.ts';
import {
  type Done,
  bundleOf,
  holds,
  deliveriesOf,
  heldAfter,
  objectOf,
  type State,
  withBundle,
  withDone,
  withHeld,
  withObject,
  withObjects,
  withUpload,
} from './state.ts';

type Kind = Action['kind'];
type Of<K extends Kind> = Extract<Action, { kind: K }> & { at: number; actor: string };

/** When an action may take effect, and what it changes. */
interface Definition<A> {
  /** All must hold. */
  guards: Partial<Record<Guard, (state: State, action: A) => boolean>>;
  effect: (state: State, action: A) => State;
}

const isKnown = (state: State, ids: readonly string[]) => ids.every((id) => state.objects.has(id));
const knowsObject = (state: State, { object }: { object: string }) => isKnown(state, [object]);
const knowsObjects = (state: State, { objects }: { objects: readonly string[] }) => isKnown(state, objects);
const isAlive = (state: State, { actor }: { actor: string }) => !state.dead.has(actor);
const isOwn = (state: State, { bundle, actor }: { bundle: string; actor: string }) =>
  [undefined, actor].includes(bundleOf(state, bundle).builder);
const isReplay = (key: string) => key.startsWith(REPLAY_PREFIX);
const same = (a: readonly string[], b: readonly string[] = []) =>
  [...a].sort().join() === [...b].sort().join();
const unchanged = (state: State) => state;
/** The inbox that a process of a consumer works on: `consumer 1` for its second process, `consumer 1.2`. */
const inboxOf = (actor: string) => actor.replace(/\.\d+$/, '');

/** Sets the claim on an object version. */
const claim = (state: State, { object, bundle, until, actor }: Of<'claimed' | 'takenOver'>) =>
  withBundle(withObject(state, object, { claim: { bundle, until } }), bundle, { builder: actor });

/**
 * The protocol. Each action is judged at the moment at which it takes effect, whether or not the caller learns of it. docs/protocol.md has the same table.
 */
export const protocol: { readonly [K in Kind]: Definition<Of<K>> } = {
  landed: {
    guards: { 'landed-once': (state, { object }) => !state.objects.has(object) },
    effect: (state, { object }) => withObject(state, object, {}),
  },
  notified: { guards: { 'known-object': knowsObjects }, effect: unchanged },
  received: {
    guards: { 'known-object': knowsObjects, alive: isAlive },
    effect: (state, { actor, objects }) =>
      withHeld(state, actor, [...(state.held.get(actor) ?? []), ...objects]),
  },

  claimed: {
    guards: {
      'known-object': knowsObject,
      'claim-free': (state, { object }) => objectOf(state, object).claim === undefined,
      'claim-spent': (state, { object }) => deliveriesOf(state, object).length === 0,
      'one-builder': isOwn,
    },
    effect: claim,
  },
  takenOver: {
    guards: {
      'known-object': knowsObject,
      'claim-unchanged': (state, { object, from }) => objectOf(state, object).claim?.bundle === from,
      'claim-expired': (state, { object, from, at }) =>
        bundleOf(state, from).isPublished ||
        at >= (objectOf(state, object).claim?.until ?? Infinity) - state.clockDriftMs,
      'claim-spent': (state, { object }) => deliveriesOf(state, object).length === 0,
      'upload-ended': (state, { from }) => {
        const { recordedUpload, uploads } = bundleOf(state, from);
        return recordedUpload === undefined || uploads.get(recordedUpload) !== 'started';
      },
      'one-builder': isOwn,
    },
    effect: claim,
  },
  released: {
    guards: {
      'known-object': knowsObject,
      'own-release': (state, action) =>
        isOwn(state, action) &&
        objectOf(state, action.object).claim?.bundle === action.bundle &&
        !holds(bundleOf(state, action.bundle), action.object),
    },
    effect: (state, { object }) => withObject(state, object, { claim: undefined }),
  },

  uploadStarted: {
    guards: {},
    effect: (state, { bundle, upload }) => withUpload(state, bundle, upload, 'started'),
  },
  uploadRecorded: {
    guards: { 'one-builder': isOwn },
    effect: (state, { bundle, upload }) => withBundle(state, bundle, { recordedUpload: upload }),
  },
  uploadAborted: {
    guards: {},
    effect: (state, { bundle, upload }) =>
      bundleOf(state, bundle).uploads.get(upload) === 'started'
        ? withUpload(state, bundle, upload, 'aborted')
        : state,
  },
  manifestStored: {
    guards: {
      'known-object': knowsObjects,
      'manifest-fixed': (state, { bundle, objects }) => {
        const { isPublished, manifest } = bundleOf(state, bundle);
        return !isPublished || same(objects, manifest);
      },
    },
    effect: (state, { bundle, objects }) => withBundle(state, bundle, { manifest: objects }),
  },
  published: {
    guards: {
      'published-once': (state, { bundle }) => !bundleOf(state, bundle).isPublished,
      'manifest-first': (state, { bundle }) => (membersOf(state, bundle) ?? []).length > 0,
      'members-claimed': (state, { bundle }) =>
        isReplay(bundle) ||
        (membersOf(state, bundle) ?? []).every((id) => objectOf(state, id).claim?.bundle === bundle),
      'upload-recorded': (state, { bundle, upload }) =>
        upload === undefined || isReplay(bundle) || bundleOf(state, bundle).recordedUpload === upload,
      'upload-open': (state, { bundle, upload }) =>
        upload === undefined || bundleOf(state, bundle).uploads.get(upload) === 'started',
      'replay-published': (state, { bundle }) =>
        !isReplay(bundle) || bundleOf(state, originalKey(bundle)).isPublished,
      'replay-taken': (state, { bundle }) =>
        !isReplay(bundle) || bundleOf(state, originalKey(bundle)).isDeleted,
    },
    effect: (state, { bundle, upload }) => {
      const visible = withBundle(state, bundle, {
        isPublished: true,
        isReplay: isReplay(bundle),
        manifest: membersOf(state, bundle),
      });
      return upload === undefined ? visible : withUpload(visible, bundle, upload, 'completed');
    },
  },
  recorded: {
    guards: {
      'record-true': (state, { bundle, objects }) => {
        const { isPublished, manifest } = bundleOf(state, bundle);
        return isPublished && same(objects, manifest);
      },
    },
    effect: unchanged,
  },
  gaveUp: { guards: { 'one-builder': isOwn }, effect: unchanged },

  requeued: {
    guards: { 'known-object': knowsObjects },
    effect: (state, { actor, objects }) => withDone(state, 'sentOn', actor, objects),
  },
  quarantined: {
    guards: { 'known-object': knowsObjects },
    effect: (state, { actor, objects }) =>
      withDone(withObjects(state, objects, { hasDeadLetter: true }), 'sentOn', actor, objects),
  },
  quarantineMarked: {
    guards: {
      'mark-true': (state, { object }) => objectOf(state, object).hasDeadLetter,
    },
    effect: (state, { actor, object }) => withDone(state, 'marked', actor, [object]),
  },
  quarantineUnmarked: {
    guards: { 'known-object': knowsObject },
    effect: unchanged,
  },
  redriven: {
    guards: {
      'letter-first': hasLetters,
      'command-done': (state, action) => hasDone(state, 'sentOn', action),
    },
    effect: unchanged,
  },
  dropRecorded: {
    guards: { 'letter-first': hasLetters },
    effect: (state, { actor, objects }) => withDone(state, 'dropRecords', actor, objects),
  },
  dropped: {
    guards: { 'command-done': (state, action) => hasDone(state, 'dropRecords', action) },
    effect: unchanged,
  },
  acknowledged: {
    guards: {
      // A function acknowledges by its response; a removal of dead letters is a call, which may take effect late.
      alive: (state, action) => action.queue === 'dead-letters' || isAlive(state, action),
      'acknowledged-settled': (state, { actor, queue, objects }) => {
        if (queue === 'dead-letters') return true;
        const held = heldAfter(state, actor, objects);
        return objects.every(
          (id) =>
            deliveriesOf(state, id).length > 0 ||
            hasDone(state, 'sentOn', { actor, objects: [id] }) ||
            held.includes(id),
        );
      },
      'letter-kept': (state, { actor, queue, objects }) =>
        queue !== 'dead-letters' ||
        objects.every(
          (id) =>
            hasDone(state, 'sentOn', { actor, objects: [id] }) ||
            // Another operator may have removed the mark in between: a removal may take effect late.
            (hasDone(state, 'dropRecords', { actor, objects: [id] }) &&
              hasDone(state, 'marked', { actor, objects: [id] })),
        ),
    },
    effect: (state, { actor, objects }) => withHeld(state, actor, heldAfter(state, actor, objects)),
  },

  replayed: {
    guards: {
      'replay-published': (state, { from }) => bundleOf(state, from).isPublished,
      'replay-taken': (state, { from }) => bundleOf(state, from).isDeleted,
      'published-once': (state, { bundle }) => !bundleOf(state, bundle).isPublished,
    },
    effect: (state, { bundle, from }) =>
      withBundle(state, bundle, {
        isPublished: true,
        isReplay: true,
        manifest: bundleOf(state, from).manifest,
      }),
  },

  planned: {
    guards: { 'plan-published': (state, { bundle }) => bundleOf(state, bundle).isPublished },
    effect: (state, { bundle, actor }) =>
      withBundle(state, bundle, { plans: new Set([...bundleOf(state, bundle).plans, inboxOf(actor)]) }),
  },
  renamed: {
    guards: {
      'commit-before-files': (state, { bundle, actor }) =>
        bundleOf(state, bundle).committedBy === inboxOf(actor),
    },
    effect: (state, { bundle }) => withBundle(state, bundle, { isRenamed: true }),
  },
  receipt: {
    guards: {
      'plan-before-commit': (state, { bundle, where, actor }) =>
        where === 'disk' || bundleOf(state, bundle).plans.has(inboxOf(actor)),
      'commit-once': (state, { bundle, where }) =>
        where === 'disk' || bundleOf(state, bundle).committedBy === undefined,
      'files-before-receipt': (state, { bundle, where }) =>
        where === 'archive' || bundleOf(state, bundle).isRenamed,
    },
    effect: (state, { bundle, where, actor }) =>
      withBundle(
        state,
        bundle,
        where === 'disk' ? { hasLocalReceipt: true } : { committedBy: inboxOf(actor) },
      ),
  },
  deleted: {
    guards: {
      'receipts-before-delete': (state, { bundle }) => {
        const { committedBy, hasLocalReceipt } = bundleOf(state, bundle);
        return committedBy !== undefined && hasLocalReceipt;
      },
    },
    effect: (state, { bundle }) => withBundle(state, bundle, { isDeleted: true }),
  },

  died: {
    guards: {},
    effect: (state, { actor }) => ({ ...state, dead: new Set([...state.dead, actor]) }),
  },
};

/** A replay has the members of its original. */
function membersOf(state: State, bundle: string): readonly string[] | undefined {
  return bundleOf(state, isReplay(bundle) ? originalKey(bundle) : bundle).manifest;
}

function hasLetters(state: State, { objects }: { objects: readonly string[] }): boolean {
  return objects.every((id) => objectOf(state, id).hasDeadLetter);
}

function hasDone(
  state: State,
  what: Done,
  { actor, objects }: { actor: string; objects: readonly string[] },
): boolean {
  return objects.every((id) => state[what].get(actor)?.has(id) === true);
}
