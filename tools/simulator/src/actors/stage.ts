import { SystemFault } from '@data-aggregator/shared-processing/errors';
import type { GroupOf } from '@data-aggregator/shared-processing/groups';
import type { RetryRules } from '@data-aggregator/shared-processing/retry';
import type { Clock } from '@data-aggregator/shared-processing/retry';
import type { Random } from '@data-aggregator/shared-processing/testing';
import type { MakeMutant, Mutant } from '../mutants/mutants.ts';
import { type Cloud, isOfTheCloud } from '../services/cloud.ts';
import type { Actor, World } from '../services/world.ts';
import { DRIFT_MS } from '../settings.ts';
import type { Landing } from './uploader.ts';

/** What all actors share. */
export interface Stage {
  world: World;
  cloud: Cloud;
  random: Random;
  landing: Landing;
  makeMutant: MakeMutant;
  groupOf: GroupOf | undefined;
  /** Functions and commands that run now. */
  running: Set<Actor>;
  /** Ends the schedule: the code itself is wrong. */
  fail: (error: unknown) => void;
}

export const ignore = () => undefined;
export const quietLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };
export const quietMetrics = { count: ignore, seconds: ignore };

/** A clock that is wrong by as much as clocks may be. */
export function driftOf(random: Random): number {
  return random.below(2 * DRIFT_MS) - DRIFT_MS;
}

export function rulesOf(clock: Clock): RetryRules & { clock: Clock; random: () => number } {
  return { clock, random: () => 0.5 };
}

/**
 * Runs an invocation of a function, or a command, which the platform kills at its deadline.
 *
 * @param work resolves, rejects with an error of the cloud, or never ends because its process died
 * @param isExpected whether an error of the work is one of its normal results
 * @returns its process
 */
export function startProcess(
  stage: Stage,
  name: string,
  timeoutMs: number,
  work: (actor: Actor, mutant: Mutant) => Promise<void>,
  isExpected: (error: unknown) => boolean = () => false,
): Actor {
  const { world, random, running, makeMutant, fail } = stage;
  const actor: Actor = { name, drift: driftOf(random), deadline: world.now + timeoutMs, dead: false };
  running.add(actor);
  world.at(actor.deadline, () => {
    if (!running.delete(actor)) return;
    world.kill(actor, 'at its deadline');
  });
  actor.onKilled = () => running.delete(actor);
  work(actor, makeMutant())
    .catch((error: unknown) => {
      if (!isOfTheCloud(error) && !(error instanceof SystemFault) && !isExpected(error)) fail(error);
      world.trace(`${name} fails: ${String(error)}`);
    })
    .finally(() => {
      running.delete(actor);
      actor.dead = true;
    });
  return actor;
}
