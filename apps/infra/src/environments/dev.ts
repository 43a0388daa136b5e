import type { Environment } from './environment.ts';

export const environment: Environment = {
  name: 'dev',
  protected: false,
  network: undefined,
  tracing: true,
  uploader: { principals: [], sourceIps: [] },
  consumer: { principals: [], sourceIps: [] },
  retention: {
    sourceQueueDays: 4,
    deadLetterDays: 14,
    claimDays: 21,
    landingDays: 7,
    distributionDays: 14,
    distributionNoncurrentDays: 30,
    deepArchiveAfterDays: 7,
    archiveDays: 187,
    accessLogDays: 14,
    functionLogDays: 14,
  },
  everyFunction: {},
  // People wait for dev, and for runs on the embedded cloud.
  functions: { aggregator: { batchWindowSeconds: 5 } },
  observability: {
    warningEmails: [],
    criticalEmails: [],
    monthlyBudgetUsd: 50,
    unusualInflowPerFiveMinutes: 60_000,
    silenceMinutes: undefined,
    backlogBundles: 5_000,
    backlogAgeSeconds: 6 * 3600,
    quarantinedPerFiveMinutes: 20,
  },
  tags: {},
};
