import { type Invariant, Violation } from './rules.ts';
import { type BundleState, deliveriesOf, type ObjectState, type State } from './state.ts';

/** What is wrong with a state; undefined if nothing is. */
type Check = (state: State) => string | undefined;

/** Each must hold after every action. */
const always: Record<Exclude<Invariant, keyof typeof atEnd>, Check> = {
  'delivered-once': (state) =>
    firstObject(
      state,
      (id) => deliveriesOf(state, id).length > 1 && `is in ${deliveriesOf(state, id).join(' and ')}`,
    ),
  'delivered-claim': (state) =>
    firstObject(state, (id) => {
      const [bundle] = deliveriesOf(state, id);
      const claim = state.objects.get(id)?.claim?.bundle;
      return bundle !== undefined && claim !== bundle && `is in ${bundle}, and claimed for ${String(claim)}`;
    }),
  'published-explained': (state) =>
    firstBundle(state, ({ isPublished, manifest = [] }) => {
      const hasUnknown = manifest.some((id) => !state.objects.has(id));
      return isPublished && (manifest.length === 0 || hasUnknown) && `has the members ${manifest.join(', ')}`;
    }),
  'files-committed': (state) =>
    firstBundle(state, ({ isRenamed, committedBy }) => isRenamed && committedBy === undefined && 'has files'),
  'deleted-received': (state) =>
    firstBundle(
      state,
      ({ isDeleted, committedBy, hasLocalReceipt }) =>
        isDeleted && (committedBy === undefined || !hasLocalReceipt) && 'is deleted',
    ),
};

/** Each must hold once nothing happens any more. */
const atEnd = {
  'nothing-lost': (state) =>
    firstObject(
      state,
      (id, { hasDeadLetter }) =>
        deliveriesOf(state, id).length === 0 &&
        !hasDeadLetter &&
        'is neither delivered nor in the dead letters',
    ),
  'nothing-left': (state) =>
    firstBundle(
      state,
      ({ isPublished, committedBy, hasLocalReceipt }) =>
        isPublished && (committedBy === undefined || !hasLocalReceipt) && 'was not received',
    ),
} satisfies Record<string, Check>;

/** @throws Violation */
export function checkAlways(state: State): void {
  check(always, state);
}

/** @throws Violation */
export function checkEnd(state: State): void {
  check(atEnd, state);
}

function check(checks: Partial<Record<Invariant, Check>>, state: State): void {
  for (const [invariant, wrong] of Object.entries(checks)) {
    const detail = wrong(state);
    if (detail !== undefined) throw new Violation(invariant as Invariant, detail);
  }
}

function firstObject(
  { objects }: State,
  wrong: (id: string, object: ObjectState) => string | false,
): string | undefined {
  for (const [id, object] of objects) {
    const detail = wrong(id, object);
    if (detail !== false) return `${id} ${detail}`;
  }
  return undefined;
}

function firstBundle({ bundles }: State, wrong: (bundle: BundleState) => string | false): string | undefined {
  for (const [key, bundle] of bundles) {
    const detail = wrong(bundle);
    if (detail !== false) return `${key} ${detail}`;
  }
  return undefined;
}
