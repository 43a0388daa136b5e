import { BUCKETS, COMPLETION_LATENESS_MS, LATENESS_MS } from '../settings.ts';
import type { Operation, Reply, StoredItem } from './services.ts';

/*
 * What the search knows about a call: where it reads or writes, what can go wrong with it, and how its moments and its bundles are called
 * by the actor and in the world.
 */

/** Where a call reads or writes. All calls about one bundle's object or upload are about one place. */
export function placeOf(operation: Operation): string {
  switch (operation.kind) {
    case 'GET':
    case 'PUT':
    case 'HEAD':
      return `${operation.bucket}/${operation.key}`;
    case 'CREATE UPLOAD':
    case 'PUT PART':
    case 'COMPLETE':
    case 'ABORT':
      return `${BUCKETS.distribution}/${operation.key}`;
    case 'GetItem':
    case 'DeleteItem':
      return operation.id;
    case 'PutItem':
      return operation.item.id;
    case 'SendMessage':
    case 'acknowledge':
      return operation.queue;
  }
}

/** What can go wrong with a call, apart from the death of its sender. */
export interface CallFaults {
  /** It changes something, so its effect may come late. */
  writes: boolean;
  /** Its response is lost; its effect may still happen. */
  isLost: boolean;
  /** So are the responses to all retries. */
  isOut: boolean;
  isThrottled: boolean;
  /** Its body ends in the middle. */
  breaksOff: boolean;
}

const none: CallFaults = { writes: false, isLost: false, isOut: false, isThrottled: false, breaksOff: false };

export function faultsOf(operation: Operation): CallFaults {
  switch (operation.kind) {
    case 'GET':
      return {
        ...none,
        isOut: true,
        breaksOff: operation.bucket === BUCKETS.landing && operation.from === 0,
      };
    case 'HEAD':
    case 'GetItem':
    case 'CREATE UPLOAD':
    case 'PUT PART':
      // A single lost response only leads to the same call again.
      return { ...none, isOut: true };
    case 'PUT':
      return operation.bucket === BUCKETS.distribution
        ? { ...none, writes: true, isLost: true, isThrottled: true }
        : { ...none, writes: true, isLost: true, isOut: true };
    case 'COMPLETE':
      return { ...none, writes: true, isLost: true, isThrottled: true };
    case 'ABORT':
      return { ...none, writes: true, isOut: true };
    case 'PutItem':
    case 'DeleteItem':
    case 'SendMessage':
      return { ...none, writes: true, isLost: true, isOut: true };
    case 'acknowledge':
      return none;
  }
}

/** ms after its sender's deadline by which a late call has taken effect. */
export function latenessOf(operation: Operation): number {
  return operation.kind === 'COMPLETE' ? COMPLETION_LATENESS_MS : LATENESS_MS;
}

/** Whether the code looks at the clock after the answer, or the answer may no longer hold by then. */
export function mayAnswerLate(operation: Operation): boolean {
  switch (operation.kind) {
    case 'GetItem':
    case 'HEAD':
      return true;
    case 'GET':
      return operation.bucket !== BUCKETS.landing;
    case 'PutItem':
      return operation.condition !== undefined;
    default:
      return false;
  }
}

/** The moment that stands for all in the past, in an item of the ledger. */
const EXPIRED = -1;

/*
 * An item's `until` is, in the world, the ms until then, or EXPIRED; and for an actor a moment of its own time. A released claim has 0 in both.
 */

/** A call as the world sees it. @param now of the actor's own time */
export function inWorldTime(operation: Operation, now: number): Operation {
  if (operation.kind !== 'PutItem') return operation;
  const { until } = operation.item;
  if (typeof until !== 'number' || until === 0) return operation;
  return { ...operation, item: { ...operation.item, until: until > now ? until - now : EXPIRED } };
}

/** A response as the actor sees it. @param now of the actor's own time */
export function inActorTime(reply: Reply, now: number): Reply {
  const localized = (item: StoredItem): StoredItem => {
    const { until } = item;
    if (typeof until !== 'number' || until === 0) return item;
    // All past moments are one.
    return { ...item, until: until === EXPIRED ? 1 : now + until };
  };
  if (reply.kind === 'item' && reply.item) return { ...reply, item: localized(reply.item) };
  if (reply.kind === 'refused' && reply.existing) return { ...reply, existing: localized(reply.existing) };
  return reply;
}

/** An item some ms later. */
export function agedItem(item: StoredItem, ms: number): StoredItem {
  const { until } = item;
  return typeof until === 'number' && until > 0
    ? { ...item, until: until > ms ? until - ms : EXPIRED }
    : item;
}

export function agedCall(operation: Operation, ms: number): Operation {
  return operation.kind === 'PutItem' ? { ...operation, item: agedItem(operation.item, ms) } : operation;
}

/** The most bundles that an actor makes. */
export const MAX_BUNDLES = 100;

/** The random part of a bundle's key: the number of its builder, times MAX_BUNDLES, and its own. */
const RANDOM = /-([0-9a-f]{16})\./g;

/** The number of the builder whose bundle a text names; undefined if it names none. */
export function builderIn(text: string): number | undefined {
  const [match] = text.matchAll(RANDOM);
  return match?.[1] === undefined ? undefined : Math.floor(parseInt(match[1], 16) / MAX_BUNDLES);
}

/** A text with other numbers for the builders in it. */
export function renamed(text: string, numberOf: (builder: number) => number): string {
  return text.replaceAll(RANDOM, (_, random: string) => {
    const number = parseInt(random, 16);
    const other = numberOf(Math.floor(number / MAX_BUNDLES)) * MAX_BUNDLES + (number % MAX_BUNDLES);
    return `-${other.toString(16).padStart(16, '0')}.`;
  });
}
