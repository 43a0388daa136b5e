import type { bucketNames } from '@data-aggregator/function-manifest';
import { UserError } from '../user-error.ts';
import type { DeployedFunction } from '../app/functions.ts';

type Bucket = (typeof bucketNames)[number];

/** Matches keys that begin with the prefix and end with the suffix. */
export interface KeyFilter {
  prefix: string;
  suffix: string;
}

/** A function, or the consumer, that receives notifications of new objects. */
export interface Listener extends KeyFilter {
  name: string;
  /** Whether it is notified by SNS: through a topic, and in SNS's envelope. */
  bySns: boolean;
}

/** A function that receives a bucket's events from EventBridge. */
export interface EventBridgeListener extends KeyFilter {
  name: string;
  bucket: Bucket;
}

/**
 * One entry of a bucket's notification configuration. Its destination is the queue of its only listener or a topic; see
 * `hasTopic`.
 */
export interface Route extends KeyFilter {
  bucket: Bucket;
  listeners: Listener[];
}

/**
 * The routes from buckets to functions and to other listeners. S3 permits one destination per key, so listeners with overlapping
 * filters share a route. Its filter is the narrowest that covers them all.
 *
 * @param others routes that exist besides those of functions
 */
export function routesOf(functions: readonly DeployedFunction[], others: readonly Route[] = []): Route[] {
  const routes: Route[] = [];
  for (const { manifest } of functions) {
    if (manifest.trigger.type !== 's3-sqs') continue;
    const { bucket, prefix = '', suffix = '', notifiedBy } = manifest.trigger;
    if (notifiedBy === 'event-bridge') continue;
    const listener = { name: manifest.name, prefix, suffix, bySns: notifiedBy === 'sns' };
    join(routes, { bucket, prefix, suffix, listeners: [listener] });
  }
  for (const route of others) join(routes, route);
  return routes;
}

/** The functions that EventBridge notifies. Their filters may overlap with any others. */
export function eventBridgeListeners(functions: readonly DeployedFunction[]): EventBridgeListener[] {
  return functions.flatMap(({ manifest: { name, trigger } }) => {
    if (trigger.type !== 's3-sqs' || trigger.notifiedBy !== 'event-bridge') return [];
    const { bucket, prefix = '', suffix = '' } = trigger;
    return { name, bucket, prefix, suffix };
  });
}

/**
 * Whether a topic stands between the bucket and the queues: because several listen to the same keys, or because one
 * asks for it.
 */
export function hasTopic({ listeners }: Route): boolean {
  return listeners.length > 1 || listeners.some(({ bySns }) => bySns);
}

/** The routes that end at a listener's queue. */
export function routesTo(routes: readonly Route[], listener: string): Route[] {
  return routes.filter(({ listeners }) => listeners.some(({ name }) => name === listener));
}

/** Adds a route. If it overlaps another, both are merged, and the wider route is added in the same way. */
function join(routes: Route[], route: Route): void {
  const index = routes.findIndex((other) => other.bucket === route.bucket && overlap(other, route));
  const [other] = index < 0 ? [] : routes.splice(index, 1);
  if (other === undefined) {
    routes.push(route);
    return;
  }
  join(routes, {
    bucket: route.bucket,
    prefix: commonPrefix(other.prefix, route.prefix),
    suffix: commonSuffix(other.suffix, route.suffix),
    listeners: [...other.listeners, ...route.listeners],
  });
}

/** Whether a key can match both filters. */
function overlap(a: KeyFilter, b: KeyFilter): boolean {
  const prefixes = a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix);
  const suffixes = a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix);
  return prefixes && suffixes;
}

function commonPrefix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

function commonSuffix(a: string, b: string): string {
  return reverse(commonPrefix(reverse(a), reverse(b)));
}

function reverse(text: string): string {
  return [...text].reverse().join('');
}

/** The part of a route that a listener receives; undefined: all of it. */
export type Narrowing = { prefix: string } | { suffix: string } | undefined;

/**
 * How a listener's filter narrows that of its route.
 *
 * @throws UserError if it narrows both prefix and suffix, because a topic's filter can check only one of them
 */
export function narrowing(route: Route, { name, prefix, suffix }: Listener): Narrowing {
  if (prefix !== route.prefix && suffix !== route.suffix) {
    throw new UserError(
      `${name} listens to ${route.bucket} by prefix "${prefix}" and suffix "${suffix}", while others ` +
        'listen with other filters. Use only one of the two, or a prefix that nothing else listens to.',
    );
  }
  if (prefix !== route.prefix) return { prefix };
  if (suffix !== route.suffix) return { suffix };
  return undefined;
}
