import { setTimeout as sleep } from 'node:timers/promises';
import { aggregatorProofs, largeObjectsProofs } from './bundling-proofs.ts';
import { functionNames } from './permissions.ts';
import type { Proof } from './proof.ts';
import { reconcilerProofs } from './reconciler-proofs.ts';
import { replayerProofs } from './replayer-proofs.ts';

/** The monitor measures a receipt once it is five seconds old. */
const RECEIPT_SETTLES_MS = 7_000;

/** What the distribution monitor needs each permission for. */
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
  {
    name: 'the time until a bundle was on disk is measured',
    needs: ['s3:ListBucket on archive', 's3:GetObject on archive/receipts/*'],
    ends: { onDisk: 1 },
    async run(stage, fn) {
      const bundle = await stage.deliver(await stage.put());
      await stage.take(bundle);
      await stage.acknowledge(bundle);
      await sleep(RECEIPT_SETTLES_MS);
      const answer = await stage.invoke(fn, {});
      // Each run measures its own receipt.
      await stage.loseReceipt(bundle);
      if (answer.kind === 'error') return answer;
      const { onDisk } = answer.value as Record<string, unknown>;
      return { onDisk };
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
 * The deployed functions that have proofs, with their proofs. Nothing here has to change if a function without proofs is
 * added, or one with proofs is removed.
 */
export function provenFunctions(): { name: string; proofs: readonly Proof[] }[] {
  return functionNames().flatMap((name) => {
    const its = proofs[name];
    return its === undefined ? [] : [{ name, proofs: its }];
  });
}
