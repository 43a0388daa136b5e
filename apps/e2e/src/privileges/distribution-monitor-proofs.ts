import type { Proof } from './proof.ts';

/** The purpose of the distribution monitor's permission. */
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
];
