import { aggregatorProofs, largeObjectsProofs } from './bundling-proofs.ts';
import { functionNames } from './permissions.ts';
import type { Proof } from './proof.ts';
import { reconcilerProofs } from './reconciler-proofs.ts';
import { replayerProofs } from './replayer-proofs.ts';

/** The purpose of the distribution monitor's permission. */
const distributionMonitorProofs: readonly Proof[] = [
  {
    name: 'a waiting bundle is counted',
    needs: ['s3:ListBucket on distribution'],
    ends: { bundles: 1, complete: true },
    async run(stage, fn) {
      const bundle = await stage.deliver(await stage.put());
      const answer = await stage.invoke(fn, {});
      await stage.take(bundle);
      if (answer.kind === 'error') return answer;
      const { bundles, complete } = answer.value as Record<string, unknown>;
      return { bundles, complete };
    },
  },
];

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
