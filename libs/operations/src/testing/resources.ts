import type { Resources } from '../connection/resources.ts';

/** Names of resources that exist in memory only. */
export const namedResources: Resources = {
  buckets: { landing: 'landing', distribution: 'distribution', archive: 'archive' },
  ledger: 'ledger',
  queueUrl: '',
  deadLettersUrls: [],
  claimRetentionMs: 86_400_000,
  functions: { reconciler: 'the-reconciler', replayer: 'the-replayer' },
};
