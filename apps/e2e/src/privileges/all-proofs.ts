import { aggregatorProofs, largeObjectsProofs } from './bundling-proofs.ts';
import { distributionMonitorProofs } from './distribution-monitor-proofs.ts';
import { functionNames } from './permissions.ts';
import type { Proof } from './proof.ts';
import { reconcilerProofs } from './reconciler-proofs.ts';
import { replayerProofs } from './replayer-proofs.ts';

const proofs: Readonly<Record<string, readonly Proof[]>> = {
  aggregator: aggregatorProofs,
  'large-objects': largeObjectsProofs,
  'distribution-monitor': distributionMonitorProofs,
  reconciler: reconcilerProofs,
  replayer: replayerProofs,
};

/**
 * The functions whose permissions are proven, with their proofs. A function without proofs may come and one with
 * proofs may go, and nothing here has to change.
 */
export function provenFunctions(): { name: string; proofs: readonly Proof[] }[] {
  return functionNames().flatMap((name) => {
    const its = proofs[name];
    return its === undefined ? [] : [{ name, proofs: its }];
  });
}
