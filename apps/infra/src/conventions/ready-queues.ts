import {
  BUNDLE_PREFIX,
  consumedPrefixes,
  REPLAY_PREFIX,
} from '@data-aggregator/shared-processing/bundle-key';
import { toGroupName } from '@data-aggregator/shared-processing/groups';
import type { Environment } from '../environments/environment.ts';

/** A queue that tells a consumer about its new bundles. */
export interface ReadyQueue {
  /** Such as `ready` or `ready-acme`, from which its physical names derive. No function has this name. */
  name: string;
  /** Prefixes of the keys in the distribution bucket that it is notified of. */
  prefixes: readonly string[];
}

/** Prefixes of the keys that the consumer of all bundles takes. */
export const ALL_BUNDLES: readonly string[] = [BUNDLE_PREFIX, REPLAY_PREFIX];

/** The ready queue of the consumer of all bundles; undefined if it only lists. */
export function readyQueueOf({ readyQueue }: Environment): ReadyQueue | undefined {
  return readyQueue ? { name: 'ready', prefixes: ALL_BUNDLES } : undefined;
}

/** The ready queue of the consumer of a group; undefined if it only lists. @param label of the consumer in `consumerGroups` */
export function readyQueueOfGroup({ consumerGroups }: Environment, label: string): ReadyQueue | undefined {
  const consumer = consumerGroups[label];
  if (consumer === undefined || consumer.readyQueue === false) return undefined;
  return { name: `ready-${label}`, prefixes: consumedPrefixes(toGroupName(consumer.group)) };
}

/** All ready queues of an environment. */
export function readyQueues(environment: Environment): ReadyQueue[] {
  const ofGroups = Object.keys(environment.consumerGroups).map((label) =>
    readyQueueOfGroup(environment, label),
  );
  return [readyQueueOf(environment), ...ofGroups].filter((queue) => queue !== undefined);
}
