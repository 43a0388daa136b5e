import { setTimeout as sleep } from 'node:timers/promises';
import type { Proof } from './proof.ts';

/** The monitor measures a receipt once it is five seconds old. */
const RECEIPT_SETTLES_MS = 7_000;

/** The purpose of each permission of the distribution monitor. */
export const distributionMonitorProofs: readonly Proof[] = [
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
