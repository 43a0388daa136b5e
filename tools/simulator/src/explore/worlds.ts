import { COPIED_BYTES, PARTED_BYTES } from '../settings.ts';

/** What a small world consists of. */
export interface SmallWorld {
  name: string;
  /** Object versions that land. With two of one key, the later one is the current version. */
  objects: readonly { key: string; bytes: number; isGone?: boolean }[];
  /** The objects that each message is about, by position. */
  messages: readonly (readonly number[])[];
  /** Whether a builder may receive any of the messages together, or always gets all of them. */
  batches: 'any' | 'all';
  /** Invocations of the aggregator. */
  builders: number;
  buildersOfLargeObjects?: number;
  reconciler?: boolean;
  isGrouped?: boolean;
  /** Fewer faults than in the other worlds, because more would take too long. */
  maxFaults?: number;
  /** How many claims an invocation writes at the same time; 1 by default. */
  concurrentClaims?: number;
}

const SMALL = 20;
/** It fits in a bundle with a small one. */
const MEDIUM = 60;

const two = [
  { key: 'a', bytes: SMALL },
  { key: 'b', bytes: MEDIUM },
];

/** The worlds that are explored: two object versions each, and up to three builders. The largest comes first, so that all cores end together. */
export const worlds: readonly SmallWorld[] = [
  {
    name: 'a lost notification, and three builders',
    objects: two,
    messages: [[0]],
    batches: 'all',
    builders: 3,
    reconciler: true,
    maxFaults: 1,
  },
  {
    name: 'a lost notification',
    objects: two,
    messages: [[0]],
    batches: 'all',
    builders: 2,
    reconciler: true,
  },
  { name: 'one batch', objects: two, messages: [[0], [1]], batches: 'all', builders: 3 },
  { name: 'overlapping batches', objects: two, messages: [[0], [1]], batches: 'any', builders: 2 },
  { name: 'one message', objects: two, messages: [[0, 1]], batches: 'all', builders: 3 },
  {
    name: 'two versions of a key, claimed concurrently',
    objects: [
      { key: 'a', bytes: SMALL },
      { key: 'a', bytes: MEDIUM },
    ],
    messages: [[0], [1]],
    batches: 'all',
    builders: 2,
    concurrentClaims: 2,
  },
  { name: 'groups', objects: two, messages: [[0], [1]], batches: 'all', builders: 2, isGrouped: true },
  {
    name: 'an object that is gone',
    objects: [
      { key: 'a', bytes: SMALL },
      { key: 'b', bytes: SMALL, isGone: true },
    ],
    messages: [[0], [1]],
    batches: 'all',
    builders: 2,
  },
  {
    name: 'an upload in parts',
    objects: [
      { key: 'a', bytes: SMALL },
      { key: 'b', bytes: PARTED_BYTES },
    ],
    messages: [[0], [1]],
    batches: 'all',
    builders: 1,
    buildersOfLargeObjects: 2,
  },
  {
    name: 'a copy',
    objects: [
      { key: 'a', bytes: SMALL },
      { key: 'b', bytes: COPIED_BYTES },
    ],
    messages: [[0], [1]],
    batches: 'all',
    builders: 1,
    buildersOfLargeObjects: 2,
  },
];
