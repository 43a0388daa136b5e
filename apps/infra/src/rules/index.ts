import { claimsOutliveLanding } from './claims-outlive-landing.ts';
import { claimsOutliveQueues } from './claims-outlive-queues.ts';
import { dataBucketsKeepVersions } from './data-buckets-keep-versions.ts';
import { deadLettersOutliveSource } from './dead-letters-outlive-source.ts';
import { everythingIsTagged } from './everything-is-tagged.ts';
import { functionsAreWatched } from './functions-are-watched.ts';
import { groupsAgree } from './groups-agree.ts';
import { landingOutlivesDeadLetters } from './landing-outlives-dead-letters.ts';
import { manifestsOutliveClaims } from './manifests-outlive-claims.ts';
import { noWildcards } from './no-wildcards.ts';
import { publishedOnce } from './published-once.ts';
import { queuesAreWatched } from './queues-are-watched.ts';
import { replicasAreWatched } from './replicas-are-watched.ts';
import type { Rule } from './rule.ts';
import { uploadsExpire } from './uploads-expire.ts';
import { versionsOutliveClaims } from './versions-outlive-claims.ts';
import { visibilityOutlivesClaims } from './visibility-outlives-claims.ts';

export const rules: readonly Rule[] = [
  visibilityOutlivesClaims,
  deadLettersOutliveSource,
  claimsOutliveQueues,
  claimsOutliveLanding,
  versionsOutliveClaims,
  manifestsOutliveClaims,
  landingOutlivesDeadLetters,
  dataBucketsKeepVersions,
  uploadsExpire,
  publishedOnce,
  groupsAgree,
  noWildcards,
  functionsAreWatched,
  queuesAreWatched,
  replicasAreWatched,
  everythingIsTagged,
];
