import { defaults } from './defaults.ts';
import type { Environment } from './environment.ts';

/** For fault-injection runs on the embedded cloud: all times that a run has to wait for are short. */
export const environment: Environment = {
  ...defaults,
  name: 'sandbox',
  protected: false,
  tracing: false,
  retention: {
    sourceQueueDays: 1,
    deadLetterDays: 2,
    claimDays: 6,
    landingDays: 2,
    distributionDays: 1,
    distributionNoncurrentDays: 7,
    deepArchiveAfterDays: undefined,
    archiveDays: 181,
    archiveLockDays: undefined,
    accessLogDays: 1,
    functionLogDays: 1,
  },
  everyFunction: { timeoutSeconds: 10, batchWindowSeconds: 1, batchSize: 50 },
  functions: {
    aggregator: { graceSeconds: 8, environment: { CLAIM_GRACE_SECONDS: '3' } },
    'large-objects': {
      timeoutSeconds: 60,
      batchWindowSeconds: 0,
      batchSize: 1,
      graceSeconds: 8,
      environment: { CLAIM_GRACE_SECONDS: '3' },
    },
  },
  observability: {
    ...defaults.observability,
    monthlyBudgetUsd: 10,
    silenceMinutes: undefined,
    dashboard: false,
    backlogBundles: 1_000,
    backlogAgeSeconds: 600,
    quarantinedPerFiveMinutes: 10,
  },
};
