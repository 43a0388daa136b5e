import type { Action, ActionEvent } from '../trace.ts';
import { checkAlways, checkEnd } from './invariants.ts';
import { type Guard, type Invariant, Violation } from './rules.ts';
import { initialState, type State } from './state.ts';
import { blockedBy, step, takeEffect } from './step.ts';

const GRACE_END = 100;
const DRIFT = 5;

type Step = [actor: string, action: Action, at?: number];

/** Runs actions one after another, one unit of time each unless they have their own time. */
function play(steps: readonly Step[], perform = step): State {
  return steps.reduce((state, one, index) => perform(state, eventOf(one, index)), initialState(DRIFT));
}

function eventOf([actor, action, at]: Step, index: number): ActionEvent {
  return { at: at ?? index, actor, ...action };
}

const K = 'bundles/K';
const L = 'bundles/L';
const REPLAY = `replays/r/${K}`;

const landed = (object = 'o'): Step => ['uploader', { kind: 'landed', object, key: object }];
const claimed = (bundle = K, object = 'o', actor = `builder of ${bundle}`): Step => [
  actor,
  { kind: 'claimed', object, bundle, until: GRACE_END },
];
const takenOver = (at: number, object = 'o', bundle = L, from = K): Step => [
  `builder of ${bundle}`,
  { kind: 'takenOver', object, bundle, until: at + GRACE_END, from },
  at,
];
const by = (bundle: string, action: Action): Step => [`builder of ${bundle}`, action];
const manifest = (bundle = K, objects = ['o']): Step =>
  by(bundle, { kind: 'manifestStored', bundle, objects });
const published = (bundle = K, upload?: string): Step => by(bundle, { kind: 'published', bundle, upload });
const upload = (kind: 'uploadStarted' | 'uploadRecorded' | 'uploadAborted', bundle = K, id = 'u'): Step =>
  by(bundle, { kind, bundle, upload: id });
const released = (actor: string, bundle = K): Step => [actor, { kind: 'released', object: 'o', bundle }];
const received = (actor: string, messages: number): Step => {
  const each = (value: string) => Array.from({ length: messages }, () => value);
  return [actor, { kind: 'received', queue: 'queue', messages: each('m'), objects: each('o') }];
};
const acknowledged = (actor = `builder of ${K}`): Step => [
  actor,
  { kind: 'acknowledged', queue: 'queue', messages: ['m'], objects: ['o'] },
];
const quarantined: Step = ['f', { kind: 'quarantined', objects: ['o'], reason: 'gone' }];
const refused: Step[] = [
  landed(),
  quarantined,
  ['f', { kind: 'quarantineMarked', object: 'o', reason: 'gone' }],
];
const delivered = [landed(), claimed(), manifest(), published()];
const removed: Step = [
  'operator',
  { kind: 'acknowledged', queue: 'dead-letters', messages: ['m'], objects: ['o'] },
];
const consumer = (number: 1 | 2, action: Action): Step => [`consumer ${number}.1`, action];
const planned = (number: 1 | 2 = 1, bundle = K) => consumer(number, { kind: 'planned', bundle });
const committed = (number: 1 | 2 = 1, bundle = K) =>
  consumer(number, { kind: 'receipt', bundle, where: 'archive' });
const renamed = (number: 1 | 2 = 1, bundle = K) => consumer(number, { kind: 'renamed', bundle });
const noted = (bundle = K) => consumer(1, { kind: 'receipt', bundle, where: 'disk' });
const deleted = (bundle = K) => consumer(1, { kind: 'deleted', bundle });
const consumed = [planned(), committed(), renamed(), noted(), deleted()];

describe('the protocol allows', () => {
  const stories: [story: string, steps: Step[]][] = [
    [
      'a delivery by one PUT',
      [...delivered, by(K, { kind: 'recorded', bundle: K, objects: ['o'] }), acknowledged()],
    ],
    [
      'a delivery by an upload in parts',
      [
        ...[landed(), claimed(), upload('uploadStarted'), upload('uploadRecorded'), manifest()],
        ...[published(K, 'u'), acknowledged()],
      ],
    ],
    ['a takeover after the grace', [landed(), claimed(), takenOver(GRACE_END), manifest(L), published(L)]],
    ['a takeover by a clock that is ahead', [landed(), claimed(), takenOver(GRACE_END - DRIFT)]],
    [
      'a takeover from a bundle that is published without the object, at any time',
      [landed(), landed('p'), claimed(), claimed(K, 'p'), manifest(K, ['p']), published(), takenOver(10)],
    ],
    [
      'a takeover after the abort of an upload',
      [
        ...[landed(), claimed(), upload('uploadStarted'), upload('uploadRecorded')],
        ...[upload('uploadAborted', L), takenOver(GRACE_END)],
      ].map((one): Step => (one[1].kind === 'uploadAborted' ? upload('uploadAborted') : one)),
    ],
    ['a late PUT within the grace', [landed(), claimed(), manifest(), by(K, { kind: 'died' }), published()]],
    ['a release, and a claim by another', [landed(), claimed(), released(`builder of ${K}`), claimed(L)]],
    [
      'a claim that takes effect late, for a bundle without the object',
      [landed(), landed('p'), claimed(K, 'p'), manifest(K, ['p']), published(), claimed()],
    ],
    ['a manifest that is stored twice', [...delivered, manifest()]],
    [
      'an abort of a completed upload',
      [
        landed(),
        claimed(),
        upload('uploadStarted'),
        upload('uploadRecorded'),
        manifest(),
        published(K, 'u'),
        upload('uploadAborted'),
      ],
    ],
    ['a dead letter and its mark', [...refused, acknowledged('f')]],
    [
      'a redrive',
      [
        ...refused,
        ['operator', { kind: 'quarantineUnmarked', object: 'o' }],
        ['operator', { kind: 'requeued', queue: 'queue', objects: ['o'] }],
        removed,
        ['operator', { kind: 'redriven', objects: ['o'] }],
      ],
    ],
    [
      'a drop',
      [
        ...refused,
        ['operator', { kind: 'dropRecorded', objects: ['o'] }],
        ['operator', { kind: 'quarantineMarked', object: 'o', reason: 'dropped' }],
        removed,
        ['operator', { kind: 'dropped', objects: ['o'] }],
      ],
    ],
    [
      'a removal that takes effect after another operator has begun a redrive',
      [
        ...refused,
        ['operator', { kind: 'dropRecorded', objects: ['o'] }],
        ['operator', { kind: 'quarantineMarked', object: 'o', reason: 'dropped' }],
        ['another', { kind: 'quarantineUnmarked', object: 'o' }],
        removed,
      ],
    ],
    [
      'a message that is sent on',
      [landed(), ['f', { kind: 'requeued', queue: 'large-objects', objects: ['o'] }], acknowledged('f')],
    ],
    ['a duplicate', [...delivered, acknowledged('another')]],
    [
      'a duplicate in the same batch, whose other message returns',
      [landed(), received('f', 2), acknowledged('f')],
    ],
    ['a consumer', [...delivered, ...consumed]],
    ['two consumers, of which one commits', [...delivered, planned(2), ...consumed]],
    [
      'a consumer that is killed between renames',
      [...delivered, planned(), committed(), renamed(), renamed(), noted(), deleted(), deleted()],
    ],
    [
      'a replay, which is consumed again',
      [
        ...delivered,
        ...consumed,
        ['replayer', { kind: 'replayed', bundle: REPLAY, from: K }],
        ...[planned(1, REPLAY), committed(1, REPLAY), renamed(1, REPLAY), noted(REPLAY), deleted(REPLAY)],
      ],
    ],
    [
      'a replay by an upload in parts',
      [...delivered, ...consumed, upload('uploadStarted', REPLAY), published(REPLAY, 'u')],
    ],
  ];

  it.each(stories)('%s', (_, steps) => {
    expect(() => play(steps)).not.toThrow();
  });
});

/** For each guard, traces whose last action breaks it. */
const broken: Record<Guard, [what: string, steps: Step[]][]> = {
  'known-object': [
    ['a claim on what never landed', [claimed()]],
    ['a manifest of what never landed', [manifest()]],
    ['a notification of what never landed', [['S3', { kind: 'notified', objects: ['o'] }]]],
  ],
  'landed-once': [['the same version again', [landed(), landed()]]],
  alive: [
    ['an acknowledgement by a process that is gone', [...delivered, by(K, { kind: 'died' }), acknowledged()]],
    [
      'a receive by a process that is gone',
      [
        landed(),
        ['f', { kind: 'died' }],
        ['f', { kind: 'received', queue: 'queue', messages: ['m'], objects: ['o'] }],
      ],
    ],
  ],
  'claim-free': [['a second claim', [landed(), claimed(), claimed(L)]]],
  'claim-unchanged': [
    ['two takers', [landed(), claimed(), takenOver(GRACE_END), takenOver(3 * GRACE_END, 'o', 'bundles/M')]],
  ],
  'claim-expired': [['a takeover during the grace', [landed(), claimed(), takenOver(GRACE_END - DRIFT - 1)]]],
  'claim-spent': [['a takeover of what was delivered', [...delivered, takenOver(GRACE_END)]]],
  'upload-ended': [
    [
      'a takeover without the abort',
      [landed(), claimed(), upload('uploadStarted'), upload('uploadRecorded'), takenOver(GRACE_END)],
    ],
  ],
  'one-builder': [
    ['a key that two processes use', [landed(), landed('p'), claimed(), claimed(K, 'p', 'another')]],
    ['giving up the bundle of another', [landed(), claimed(), ['another', { kind: 'gaveUp', bundle: K }]]],
  ],
  'own-release': [
    ["the release of another's claim", [landed(), claimed(), released('another')]],
    ['the release of what the bundle delivers', [...delivered, released(`builder of ${K}`)]],
  ],
  'upload-recorded': [
    [
      'a completion without a record',
      [landed(), claimed(), upload('uploadStarted'), manifest(), published(K, 'u')],
    ],
  ],
  'upload-open': [
    [
      'a completion after the abort',
      [
        ...[landed(), claimed(), upload('uploadStarted'), upload('uploadRecorded')],
        ...[manifest(), upload('uploadAborted'), published(K, 'u')],
      ],
    ],
  ],
  'manifest-first': [
    ['a bundle without a manifest', [landed(), claimed(), published()]],
    ['an empty bundle', [landed(), claimed(), manifest(K, []), published()]],
  ],
  'manifest-fixed': [['another manifest', [...delivered, landed('p'), manifest(K, ['o', 'p'])]]],
  'published-once': [
    ['a second PUT', [...delivered, published()]],
    [
      'a second copy',
      [
        ...delivered,
        ...consumed,
        ['r', { kind: 'replayed', bundle: REPLAY, from: K }],
        ['r', { kind: 'replayed', bundle: REPLAY, from: K }],
      ],
    ],
  ],
  'members-claimed': [
    ['a member without a claim', [landed(), landed('p'), claimed(), manifest(K, ['o', 'p']), published()]],
    ['a late PUT after a takeover', [landed(), claimed(), manifest(), takenOver(GRACE_END), published()]],
    ['a PUT after the release', [landed(), claimed(), manifest(), released(`builder of ${K}`), published()]],
  ],
  'record-true': [
    [
      'a record before the bundle',
      [landed(), claimed(), manifest(), by(K, { kind: 'recorded', bundle: K, objects: ['o'] })],
    ],
    [
      'a record of other members',
      [...delivered, landed('p'), by(K, { kind: 'recorded', bundle: K, objects: ['p'] })],
    ],
  ],
  'acknowledged-settled': [
    ['an acknowledgement of what is only claimed', [landed(), claimed(), acknowledged()]],
    [
      'an acknowledgement of both of two messages',
      [landed(), received('f', 2), acknowledged('f'), acknowledged('f')],
    ],
    [
      'an acknowledgement of what another has sent on',
      [landed(), ['g', { kind: 'requeued', queue: 'queue', objects: ['o'] }], acknowledged('f')],
    ],
  ],
  'mark-true': [
    [
      'a mark without a dead letter',
      [landed(), ['f', { kind: 'quarantineMarked', object: 'o', reason: 'gone' }]],
    ],
  ],
  'letter-first': [
    ['a redrive of nothing', [landed(), ['operator', { kind: 'redriven', objects: ['o'] }]]],
    ['a drop of nothing', [landed(), ['operator', { kind: 'dropRecorded', objects: ['o'] }]]],
  ],
  'command-done': [
    [
      'a redrive that sent nothing',
      [landed(), quarantined, ['operator', { kind: 'redriven', objects: ['o'] }]],
    ],
    ['a drop without a record', [landed(), quarantined, ['operator', { kind: 'dropped', objects: ['o'] }]]],
  ],
  'letter-kept': [
    ['a removal because the object was delivered', [...delivered, removed]],
    ['a removal of what another has sent', [landed(), quarantined, removed]],
    [
      'a drop without a mark',
      [landed(), quarantined, ['operator', { kind: 'dropRecorded', objects: ['o'] }], removed],
    ],
  ],
  'replay-published': [
    [
      'a replay of what was never published',
      [landed(), claimed(), manifest(), ['r', { kind: 'replayed', bundle: REPLAY, from: K }]],
    ],
    ['a replay in parts of what was never published', [landed(), claimed(), manifest(), published(REPLAY)]],
  ],
  'replay-taken': [
    ['a replay of what still waits', [...delivered, ['r', { kind: 'replayed', bundle: REPLAY, from: K }]]],
    ['a replay in parts of what still waits', [...delivered, published(REPLAY)]],
  ],
  'plan-published': [
    ['files of a bundle that is not published', [landed(), claimed(), manifest(), planned()]],
  ],
  'plan-before-commit': [
    ['a receipt before the files are safe', [...delivered, committed()]],
    ["a receipt for another consumer's files", [...delivered, planned(2), committed(1)]],
  ],
  'commit-once': [['two receipts', [...delivered, planned(1), planned(2), committed(1), committed(2)]]],
  'commit-before-files': [
    ['files before the commit', [...delivered, planned(), renamed()]],
    ['files of the consumer that lost', [...delivered, planned(1), planned(2), committed(1), renamed(2)]],
  ],
  'files-before-receipt': [
    ['a receipt on disk before the files', [...delivered, planned(), committed(), noted()]],
  ],
  'receipts-before-delete': [
    ['a delete before the receipt on disk', [...delivered, planned(), committed(), renamed(), deleted()]],
    ['a delete without any receipt', [...delivered, deleted()]],
  ],
};

describe('the protocol forbids', () => {
  const rows = Object.entries(broken).flatMap(([guard, traces]) =>
    traces.map(([what, steps]) => ({ guard, what, steps })),
  );

  it.each(rows)('$what ($guard)', ({ guard, steps }) => {
    const before = play(steps.slice(0, -1));
    const last = eventOf(steps.at(-1) as Step, steps.length);
    expect(() => step(before, last)).toThrow(Violation);
    expect(() => step(before, last)).toThrow(`${guard}: `);
  });
});

describe('without its guards, the protocol would allow', () => {
  const traces: Record<Exclude<Invariant, 'nothing-lost' | 'nothing-left'>, Step[]> = {
    'delivered-once': [...delivered, manifest(L), published(L)],
    'delivered-claim': [...delivered, takenOver(GRACE_END)],
    'published-explained': [published()],
    'files-committed': [...delivered, renamed()],
    'deleted-received': [...delivered, deleted()],
  };

  it.each(Object.entries(traces))('a state that breaks %s', (invariant, steps) => {
    const before = play(steps.slice(0, -1), takeEffect);
    const last = eventOf(steps.at(-1) as Step, steps.length);
    expect(() => takeEffect(before, last)).toThrow(`${invariant}: `);
    expect(() => step(before, last)).toThrow(Violation);
  });
});

describe('in the end', () => {
  it('every version must be delivered or have a dead letter', () => {
    expect(() => checkEnd(play([landed(), claimed()]))).toThrow('nothing-lost: o');
    expect(() => checkEnd(play([landed(), quarantined]))).not.toThrow();
    expect(() => checkEnd(play([...delivered, ...consumed]))).not.toThrow();
  });

  it('every bundle must be received', () => {
    expect(() => checkEnd(play(delivered))).toThrow('nothing-left: bundles/K');
  });
});

/*
 * The guards imply the invariants: every state that any order of these actions can reach keeps them. One object version or two, two or three builders,
 * uploads that are completed or aborted at any time, a clock before and after the grace, a replay, and two consumers.
 */
describe('in every reachable state of a small world', () => {
  const KEYS = [K, L, 'bundles/M'];
  const before = 1;
  const after = GRACE_END;

  function builderActions(keys: readonly string[], objects: readonly string[], hasUploads: boolean): Step[] {
    return keys.flatMap((key) => [
      ...objects.flatMap((object): Step[] => [
        claimed(key, object),
        by(key, { kind: 'released', object, bundle: key }),
        ...keys.flatMap((from) =>
          [before, after].map((at): Step => [
            `builder of ${key}`,
            { kind: 'takenOver', object, bundle: key, until: GRACE_END, from },
            at,
          ]),
        ),
        manifest(key, [object]),
      ]),
      ...(objects.length > 1 ? [manifest(key, [...objects])] : []),
      by(key, { kind: 'recorded', bundle: key, objects: [...objects] }),
      ...(hasUploads
        ? [
            upload('uploadStarted', key),
            upload('uploadRecorded', key),
            upload('uploadAborted', key),
            published(key, 'u'),
          ]
        : [published(key)]),
    ]);
  }

  /** Visits every state. @returns their number */
  function explore(start: State, actions: readonly Step[], guarded = true): number {
    const seen = new Set([identityOf(start)]);
    const open = [start];
    for (let state = open.pop(); state; state = open.pop()) {
      for (const action of actions) {
        const event = eventOf(action, before);
        if (guarded && blockedBy(state, event) !== undefined) continue;
        const next = takeEffect(state, event);
        const identity = identityOf(next);
        if (seen.has(identity)) continue;
        seen.add(identity);
        open.push(next);
      }
    }
    return seen.size;
  }

  function identityOf(state: State): string {
    return JSON.stringify(state, (_, value: unknown) => {
      if (value instanceof Map) return [...value].sort(([a], [b]) => (a < b ? -1 : 1));
      return value instanceof Set ? [...value].sort() : value;
    });
  }

  const consumerActions = (bundle: string): Step[] => [
    ...([1, 2] as const).flatMap((n) => [planned(n, bundle), committed(n, bundle), renamed(n, bundle)]),
    noted(bundle),
    deleted(bundle),
  ];

  it.each([
    ['three builders of one object, by PUT', KEYS, ['o'], false, 208],
    ['two builders of one object, in parts', [K, L], ['o'], true, 1_296],
    ['two builders of two objects, by PUT', [K, L], ['o', 'p'], false, 386],
  ] as const)('the invariants hold: %s', (_, keys, objects, hasUploads, states) => {
    const start = play(objects.map((object) => landed(object)));
    expect(explore(start, builderActions(keys, objects, hasUploads))).toBe(states);
  });

  it('the invariants hold: a replay and two consumers', () => {
    const replayed: Step = ['replayer', { kind: 'replayed', bundle: REPLAY, from: K }];
    const actions = [manifest(), published(), replayed, ...consumerActions(K), ...consumerActions(REPLAY)];
    expect(explore(play([landed(), claimed()]), actions)).toBe(102);
  });

  it('finds a protocol whose guards are too weak', () => {
    const weak = () => explore(play([landed()]), builderActions(KEYS, ['o'], false), false);
    expect(weak).toThrow(Violation);
  });
});

it('keeps the given state', () => {
  const before = play(delivered);
  step(before, eventOf(planned(), 9));
  checkAlways(before);
  expect(before).toEqual(play(delivered));
});
