import { type MutantName, mutantNames } from '../mutants/mutants.ts';
import { exploreWorld } from './explore-world.ts';

/** In which world a mutant is found, with how few faults. */
interface Place {
  world: string;
  faults: number;
}

const ONE_BATCH = 'one batch';
const CONCURRENT = 'two versions of a key, claimed concurrently';
const PARTS = 'an upload in parts';

/** Where each mutant is found that two objects and three builders can show. */
export const places: Partial<Record<MutantName, Place>> = {
  'complete-before-publish': { world: CONCURRENT, faults: 1 },
  'trust-the-claim': { world: CONCURRENT, faults: 1 },
  'take-over-without-asking': { world: CONCURRENT, faults: 0 },
  'expired-after-asking': { world: PARTS, faults: 1 },
  'share-answers-across-expiry': { world: PARTS, faults: 1 },
  'forget-delete-markers': { world: CONCURRENT, faults: 1 },
  'ignore-the-claim': { world: CONCURRENT, faults: 0 },
  'unconditional-release': { world: CONCURRENT, faults: 1 },
  'unconditional-take-over': { world: ONE_BATCH, faults: 1 },
  'release-after-unknown-publish': { world: CONCURRENT, faults: 1 },
  'retry-unknown-publish': { world: CONCURRENT, faults: 1 },
  'reuse-bundle-key': { world: CONCURRENT, faults: 0 },
  'mix-groups': { world: 'groups', faults: 0 },
  'manifest-after-publish': { world: CONCURRENT, faults: 0 },
  'takeover-without-abort': { world: PARTS, faults: 1 },
  'complete-after-abort': { world: PARTS, faults: 1 },
  'manifest-after-complete': { world: PARTS, faults: 0 },
  'acknowledge-partial-read': { world: CONCURRENT, faults: 1 },
  'no-grace': { world: CONCURRENT, faults: 1 },
  'acknowledge-what-failed': { world: CONCURRENT, faults: 1 },
  'acknowledge-faults': { world: CONCURRENT, faults: 1 },
  'forward-without-sending': { world: PARTS, faults: 0 },
  'acknowledge-before-forwarding': { world: PARTS, faults: 0 },
  'lose-dead-letters': { world: 'an object that is gone', faults: 0 },
};

const WASTE =
  'it only wastes work: the ledger drops what is enqueued needlessly, and a small world has no rule about that';
const NO_OPERATOR = 'a small world has no replayer and no operator';
const NO_DISK = 'the consumer of a small world takes a bundle in one step, without a disk';

/** Why the others are not. `simulator:random` catches each of them. */
const EXCLUDED: Partial<Record<MutantName, string>> = {
  'visibility-shorter-than-claim':
    'a small world has no visibility timeouts: every message may be received at any time',
  'reconcile-without-claims': WASTE,
  'reconcile-without-marks': WASTE,
  'reconcile-without-asking': WASTE,
  'replay-what-waits': NO_OPERATOR,
  'replay-again': NO_OPERATOR,
  'retry-unknown-copy': NO_OPERATOR,
  'repeat-late-copy': NO_OPERATOR,
  'drop-without-mark': NO_OPERATOR,
  'drop-without-record': NO_OPERATOR,
  'redrive-without-sending': NO_OPERATOR,
  'remove-all-letters': NO_OPERATOR,
  'place-unsynced-files': NO_DISK,
  'delete-before-names-are-synced': NO_DISK,
  'delete-before-receipt-is-synced': NO_DISK,
  'delete-before-placing': NO_DISK,
  'commit-unsynced-plan': NO_DISK,
  'trust-existing-folders': NO_DISK,
  'resume-unsynced-plan': NO_DISK,
  'remove-files-of-a-plan': NO_DISK,
  'ignore-the-receipt': NO_DISK,
  'delete-what-failed': NO_DISK,
};

export interface MutantResult {
  mutant: MutantName;
  foundIn?: Place;
  states?: number;
  rule?: string;
  /** Why it cannot be found, or that it was not. */
  reason?: string;
  isExpected: boolean;
}

/** Explores the world of each mutant until it breaks a rule. */
export async function findMutants(say: (line: string) => void): Promise<MutantResult[]> {
  const results: MutantResult[] = [];
  for (const mutant of mutantNames) {
    const result = await findMutant(mutant);
    results.push(result);
    const { foundIn, states, rule, reason } = result;
    say(
      foundIn
        ? `${mutant}: found in "${foundIn.world}" with ${foundIn.faults} faults after ${states} states: ${rule}`
        : `${mutant}: ${reason}`,
    );
  }
  return results;
}

export async function findMutant(mutant: MutantName): Promise<MutantResult> {
  const place = places[mutant];
  if (!place) {
    const excluded = EXCLUDED[mutant];
    const reason = excluded ?? 'no world shows it; add one, or the reason';
    return { mutant, reason, isExpected: excluded !== undefined };
  }
  const { states, counterexample } = await exploreWorld({
    world: place.world,
    maxFaults: place.faults,
    break: mutant,
  });
  if (!counterexample) return { mutant, reason: `not found in "${place.world}"`, isExpected: false };
  const { faults, violation } = counterexample;
  return { mutant, foundIn: { world: place.world, faults }, states, rule: violation.rule, isExpected: true };
}
