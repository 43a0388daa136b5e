import { BUNDLE_PREFIX } from '@data-aggregator/shared-processing/bundle-key';
import { MANIFEST_PREFIX } from '@data-aggregator/shared-processing/manifest';
import type { Steer } from '../services/world.ts';

/*
 * Steerings make rare sequences of events likely. Each belongs to a mutant that only such a sequence reveals.
 */

/** PUTs of bundles that seem lost, and take effect after their sender was killed. */
export const lateBundles: Steer = (what, random) =>
  what.startsWith(`PUT ${BUNDLE_PREFIX}`) && random.chance(0.5) ? 'dies-effect-comes-late' : undefined;

/**
 * A builder that dies before its bundle is stored, and invocations that ask S3 about it: their claims are refused one after
 * another, and S3's response takes so long that a claim can expire meanwhile.
 */
export const lateAnswersAboutLateBundles = (): Steer => {
  let isBundleLate = false;
  return (what, random) => {
    if (what.startsWith(`PUT ${BUNDLE_PREFIX}`) && !isBundleLate) {
      isBundleLate = true;
      return 'dies-effect-comes-late';
    }
    if (!isBundleLate) return undefined;
    if (what.startsWith(`HEAD ${BUNDLE_PREFIX}`)) return random.chance(0.9) ? 'answered-late' : undefined;
    return what.startsWith('PutItem claim#') && random.chance(0.8) ? 'answered-late' : undefined;
  };
};

/** An archive that does not respond, which is a system fault. */
export const unstorableManifests: Steer = (what, random) =>
  what.startsWith(`PUT ${MANIFEST_PREFIX}`) && random.chance(0.5) ? 'lost-before-effect' : undefined;

/** Bundle records that are never written, so that S3 must be asked. */
export const lostNotes: Steer = (what, random) =>
  what.startsWith('PutItem bundle#') && random.chance(0.3) ? 'dies-before-effect' : undefined;

/** Members that cannot be read, and releases that seem lost, are retried, and take effect twice. */
export const droppedAndReleasedTwice: Steer = (what, random) => {
  if (what.startsWith('GET ') && random.chance(0.6)) return 'lost-before-effect';
  return what.startsWith('DeleteItem') && random.chance(0.6) ? 'lost-effect-comes-late' : undefined;
};

/** Completions of uploads that seem lost, or whose sender dies, and that take effect late: even after the claims have expired. */
export const lateCompletions: Steer = (what, random) => {
  if (!what.startsWith('COMPLETE ')) return undefined;
  if (random.chance(0.4)) return 'dies-effect-comes-late';
  return random.chance(0.4) ? 'lost-effect-comes-late' : undefined;
};

/** Builders that die right after an upload was completed. */
export const deathsAfterCompletion: Steer = (what, random) =>
  what.startsWith('COMPLETE ') && random.chance(0.5) ? 'dies-after-effect' : undefined;

/** A write whose first response is lost, and whose repetition takes so long that the consumer has taken the bundle meanwhile. */
const lostThenSlow = (isConcerned: (what: string) => boolean) => (): Steer => {
  const lost = new Set<string>();
  return (what, random) => {
    if (!isConcerned(what)) return undefined;
    if (lost.has(what)) return random.chance(0.8) ? 'slow' : undefined;
    lost.add(what);
    return random.chance(0.5) ? 'lost-after-effect' : undefined;
  };
};
export const copiesWithoutResponse = lostThenSlow((what) => what.startsWith('COPY to '));
export const bundlesWithoutResponse = lostThenSlow((what) => what.startsWith(`PUT ${BUNDLE_PREFIX}`));

/** Members that cannot be read, and whose claims are never released: their bundle is published without them. */
export const droppedAndNeverReleased: Steer = (what, random) => {
  if (what.startsWith('GET ') && random.chance(0.5)) return 'lost-before-effect';
  return what.startsWith('DeleteItem claim#') && random.chance(0.9) ? 'lost-before-effect' : undefined;
};

/** Messages to the function for large objects that are lost. */
export const lostForwarding: Steer = (what, random) =>
  what.startsWith('SendMessage large objects') && random.chance(0.8) ? 'lost-before-effect' : undefined;

/** Marks of dead letters that are never written, so that only the operator's own mark tells the reconciler. */
export const lostMarks: Steer = (what, random) =>
  what.startsWith('PutItem quarantine#') && random.chance(0.9) ? 'lost-before-effect' : undefined;

/** Consumers that die before the name of a folder that they have made is on disk. */
export const deathsBeforeFolderSyncs: Steer = (what, random) =>
  /^disk sync \.consumer\/(?:work|receipts)$/.test(what) && random.chance(0.3)
    ? 'dies-before-effect'
    : undefined;

const PLAN_SYNC = /^disk sync \.consumer\/work\/[^/]+$/;

/** Consumers that die before the name of a plan is on disk, and again before they have placed its files. */
export const deathsBeforePlanSyncs: Steer = (what, random) => {
  if (PLAN_SYNC.test(what) && random.chance(0.3)) return 'dies-before-effect';
  const isPlacing = /^disk rename \.consumer\/work\/[^/]+\/files/.test(what);
  return isPlacing && random.chance(0.5) ? 'dies-before-effect' : undefined;
};

/** Disks that report an error just when the name of a plan should be synced. */
export const failingPlanSyncs: Steer = (what, random) =>
  PLAN_SYNC.test(what) && random.chance(0.3) ? 'lost-before-effect' : undefined;

/** Copies of replayed bundles that seem lost, and take effect after the request was repeated. */
export const lateCopies: Steer = (what, random) =>
  what.startsWith('COPY to ') && random.chance(0.6) ? 'lost-effect-comes-late' : undefined;
